import Commands
import DefibCommands

Defib.start()
