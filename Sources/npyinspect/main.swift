import CArguments
import Npy

TextOutput.ignoreSizeSignal()
let arguments = (1..<max(1, Int(arguments_count()))).compactMap { index in
  arguments_values()?[index].map { String(cString: $0) }
}
NpyInspect.main(arguments)
