extension ConvTranspose {
  static let samples = [
    GradientSample([[2, 2, 3, 2], [2, 3, 2, 2], [3]]),
    GradientSample(
      [[2, 4, 3, 3], [4, 1, 3, 2], nil],
      attributes: [
        "group": .int(2), "strides": .ints([2, 3]), "pads": .ints([1, 0, 0, 1]),
        "output_padding": .ints([1, 2]), "kernel_shape": .ints([3, 2]),
      ]),
    GradientSample([[2, 3, 4], [3, 2, 2], [2]], attributes: ["dilations": .ints([2])]),
    GradientSample(
      [[2, 2, 2, 2, 2], [2, 1, 2, 1, 2], [1]], attributes: ["strides": .ints([1, 2, 1])]),
    GradientSample([[2, 3, 4], [3, 1, 3], [3]], attributes: ["group": .int(3)]),
    GradientSample(
      [[2, 2, 3], [2, 2, 3], [2]],
      attributes: ["auto_pad": .string("SAME_UPPER"), "strides": .ints([2])]),
    GradientSample(
      [[2, 2, 3], [2, 2, 4]],
      attributes: ["auto_pad": .string("SAME_LOWER"), "strides": .ints([1])]),
    GradientSample([[2, 2, 3], [2, 2, 2]], attributes: ["auto_pad": .string("VALID")]),
    // Longer than what the weights reach: the rest is the bias.
    GradientSample(
      [[2, 2, 3], [2, 2, 2], [2]],
      attributes: ["strides": .ints([2]), "output_shape": .ints([9])]),
    GradientSample([[2, 2, 3], [2, 2, 2], [2]], attributes: ["output_shape": .ints([2])]),
    GradientSample([[0, 2, 3], [2, 2, 2], [2]]),
  ]
}
