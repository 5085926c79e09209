import Glibc

/// Memory in which convolutions copy their tensors from one layout into another. Those of one network
/// run one after another, so that they can do with one of it instead of one each: in a ResNet-18 on
/// 224×224 images that is half of all memory.
public final class ConvolutionScratch {
  let source = DNNLBlock()
  let destination = DNNLBlock()
  /// What primitives work in.
  let primitive = DNNLBlock()

  init() {}

  private static let slot: pthread_key_t? = {
    var key = pthread_key_t()
    return pthread_key_create(&key, nil) == 0 ? key : nil
  }()

  /// What convolutions that are made on this thread share; a new one outside of `shared`.
  static var current: ConvolutionScratch {
    guard let slot, let found = pthread_getspecific(slot) else { return ConvolutionScratch() }
    return Unmanaged<ConvolutionScratch>.fromOpaque(found).takeUnretainedValue()
  }

  /// Lets all convolutions that `body` makes on this thread share their memory. No two of them may run
  /// at the same time.
  ///
  /// - Throws: what `body` throws.
  public static func shared<Value, Failure: Error>(
    _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    guard let slot else { return try body() }
    let scratch = ConvolutionScratch()
    let before = pthread_getspecific(slot)
    pthread_setspecific(slot, Unmanaged.passUnretained(scratch).toOpaque())
    defer {
      pthread_setspecific(slot, before)
      withExtendedLifetime(scratch) {}
    }
    return try body()
  }
}
