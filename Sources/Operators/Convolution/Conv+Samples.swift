extension Conv {
  static let samples = [
    GradientSample([[2, 2, 4, 3], [3, 2, 2, 2], [3]]),
    GradientSample(
      [[2, 4, 5, 4], [4, 2, 3, 2], nil],
      attributes: [
        "group": .int(2), "strides": .ints([2, 1]), "pads": .ints([1, 0, 2, 1]),
        "kernel_shape": .ints([3, 2]),
      ]),
    GradientSample(
      [[2, 3, 6], [3, 1, 2], [3]], attributes: ["group": .int(3), "dilations": .ints([2])]),
    GradientSample(
      [[2, 2, 3, 2, 3], [2, 2, 2, 1, 2], [2]], attributes: ["auto_pad": .string("SAME_UPPER")]),
    GradientSample(
      [[2, 2, 5], [2, 2, 2]],
      attributes: ["auto_pad": .string("SAME_LOWER"), "strides": .ints([2])]),
    GradientSample([[2, 2, 5], [2, 2, 3]], attributes: ["auto_pad": .string("VALID")]),
    GradientSample([[3, 2, 2], [2, 2, 1], [2]], attributes: ["pads": .ints([2, 1])]),
    GradientSample([[0, 2, 3], [2, 2, 2], [2]]),
    GradientSample([[2, 0, 3], [2, 0, 2], [2]]),
  ]
}
