import Runs

/// What a user calls losses, optimizers and settings: one table for each framework. Where a framework has no
/// word for something, as in NumPy, it is called as run.json calls it.
struct Terms {
  /// Frameworks that have terms of their own.
  enum Framework { case torch, keras, sklearn, numpy }

  /// Settings that remedies speak of.
  enum Setting { case learningRate, momentum, batchSize, updates, decay, penalty, clipping }

  let framework: Framework
  /// Whether an estimator trains a network and no line.
  private let isNetwork: Bool

  init(_ run: Run) {
    framework =
      switch run.provenance["framework"] {
      case "pytorch": .torch
      case "keras": .keras
      case "scikit-learn": .sklearn
      default: .numpy
      }
    isNetwork = run.graph.parameters.filter { $0.array.shape.count > 1 }.count > 1
  }

  /// A loss in quotes, as in `` `nn.MSELoss()` ``.
  ///
  /// - Parameters:
  ///   - kind: as run.json has it.
  ///   - isDense: whether its targets are probabilities or marks of classes, and no indices.
  func loss(_ kind: String, isDense: Bool = false) -> String {
    switch framework {
    case .torch: return Self.torchLosses[kind].map { "`nn.\($0)()`" } ?? kind
    case .keras:
      let name = Self.kerasLosses[kind]
      return name.map { "`\(isDense ? "" : Self.sparse(kind))\($0)`" } ?? kind
    case .sklearn: return Self.sklearnLosses[kind].map { "`\($0)`" } ?? kind
    case .numpy: return kind
    }
  }

  /// The same with a noun where it is no noun itself: ``the loss `log_loss` ``, `the mse loss`.
  func theLoss(_ kind: String, isDense: Bool = false) -> String {
    let name = loss(kind, isDense: isDense)
    guard name.hasPrefix("`") else { return "the \(name) loss" }
    return framework == .torch ? name : "the loss \(name)"
  }

  /// An optimizer, as in `Adam`.
  func optimizer(_ kind: String) -> String {
    [.torch, .keras].contains(framework) ? Self.optimizers[kind] ?? kind : kind
  }

  /// What sets something, in quotes; nil where the framework leaves it to the script.
  func setting(_ setting: Setting) -> String? {
    let names: (torch: String?, keras: String?, sklearn: String?) =
      switch setting {
      case .learningRate:
        ("`lr`", "`learning_rate`", isNetwork ? "`learning_rate_init`" : "`eta0`")
      case .momentum: ("`momentum`", "`momentum`", isNetwork ? "`momentum`" : nil)
      case .batchSize: ("`batch_size`", "`batch_size`", isNetwork ? "`batch_size`" : nil)
      case .updates: (nil, "`epochs`", "`max_iter` and `tol`")
      case .decay: ("`weight_decay`", "`weight_decay`", "`alpha`")
      case .penalty: (nil, "`kernel_regularizer`", "`alpha`")
      case .clipping: ("`clip_grad_norm_`", "`clipnorm`", nil)
      }
    switch framework {
    case .torch: return names.torch
    case .keras: return names.keras
    case .sklearn: return names.sklearn
    case .numpy: return nil
    }
  }

  // MARK: tables

  static let torchLosses = [
    "mse": "MSELoss", "l1": "L1Loss", "smooth-l1": "SmoothL1Loss", "huber": "HuberLoss",
    "bce": "BCELoss", "bce-with-logits": "BCEWithLogitsLoss", "cross-entropy": "CrossEntropyLoss",
    "nll": "NLLLoss", "poisson-nll": "PoissonNLLLoss", "gaussian-nll": "GaussianNLLLoss",
    "kl-div": "KLDivLoss",
  ]

  private static let kerasLosses = [
    "mse": "mean_squared_error", "l1": "mean_absolute_error", "huber": "huber",
    "log-cosh": "log_cosh", "bce": "binary_crossentropy",
    "bce-with-logits": "binary_crossentropy(from_logits=True)",
    "cross-entropy": "categorical_crossentropy(from_logits=True)",
    "categorical-cross-entropy": "categorical_crossentropy", "poisson-nll": "poisson",
    "kl-div": "kl_divergence", "hinge": "hinge",
  ]

  private static func sparse(_ kind: String) -> String {
    ["cross-entropy", "categorical-cross-entropy"].contains(kind) ? "sparse_" : ""
  }

  private static let sklearnLosses = [
    "mse": "squared_error", "bce-with-logits": "log_loss", "cross-entropy": "log_loss",
    "hinge": "hinge", "huber": "huber", "epsilon-insensitive": "epsilon_insensitive",
    "poisson-nll": "poisson",
  ]

  static let optimizers = [
    "sgd": "SGD", "adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop", "adagrad": "Adagrad",
  ]
}

extension Examination {
  /// A loss of the run as its user calls it.
  func loss(_ term: Run.LossTerm) -> String {
    Terms(run).loss(term.kind, isDense: isDense(term))
  }

  /// The same with a noun: ``the loss `log_loss` ``.
  func theLoss(_ term: Run.LossTerm) -> String {
    Terms(run).theLoss(term.kind, isDense: isDense(term))
  }

  /// Whether targets have an axis of classes.
  private func isDense(_ term: Run.LossTerm) -> Bool {
    guard let shape = run.data[term.target]?.shape else { return false }
    return shape.count == plan.operands[term.prediction].shape.dims.count && shape.last != 1
  }
}
