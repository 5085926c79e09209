import Commands

NpyInspect.start()
