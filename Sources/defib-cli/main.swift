import Commands

Defib.start()
