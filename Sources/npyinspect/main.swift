import Commands

Inspect<NpyInspect>.start()
