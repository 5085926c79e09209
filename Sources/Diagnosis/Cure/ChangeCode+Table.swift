import Trials

// Changes whose line needs nothing of the run but its framework.
extension ChangeCode {
  func chosen(_ change: Change) -> String {
    switch (change, framework) {
    case (.asSet, .torch):
      "optimizer.zero_grad(); loss.backward(); optimizer.step()  # once for every batch"
    case (.asSet, _): "# train by a loop that does just what its settings say"
    case (.freshWeights, .torch):
      "[nn.init.kaiming_normal_(p) if p.ndim > 1 else nn.init.zeros_(p) for p in model.parameters()]"
    case (.freshWeights, .keras): "kernel_initializer=\"he_normal\", bias_initializer=\"zeros\""
    case (.freshWeights, .sklearn): "random_state=1  # other starting weights"
    case (.freshWeights, .numpy): "w = rng.normal(0, (2 / fan_in) ** 0.5, w.shape); b[:] = 0"
    case (.letThrough, .torch): "# no detach(), no .data and no torch.no_grad() in forward"
    case (.letThrough, .keras): "# no keras.ops.stop_gradient in call"
    case (.letThrough, _): "# nothing that stops the gradient"
    case (.reshapedTargets, _): "y = y.reshape(prediction.shape)"
    case (.averaged, .keras): "reduction=\"sum_over_batch_size\""
    case (.averaged, _): "loss = loss / len(batch)"
    case (.withoutOutliers, _):
      "keep = (abs(v - np.median(v, 0)) <= 20 * iqr(v)).all(1); v = v[keep]  # for x and y alike"
    case (.balanced, .keras): "model.fit(x, y, class_weight=weights)  # 1 / how often each comes"
    case (.balanced, _): "rows = np.concatenate([rng.choice(r, most) for r in rows_of_each_class])"
    case (.shuffled, .torch): "DataLoader(data, batch_size, shuffle=True)"
    case (.shuffled, .keras): "model.fit(x, y, shuffle=True)"
    case (.shuffled, .sklearn): "shuffle=True"
    case (.shuffled, .numpy): "order = rng.permutation(len(x))  # in every epoch"
    case (.withoutDropout, .keras): "keras.layers.Dropout(0)"
    case (.withoutDropout, _): "dropout = 0"
    case (.unpenalized, .keras): "kernel_regularizer=None"
    case (.unpenalized, .sklearn): "alpha=0"
    case (.unpenalized, .numpy): "penalty = 0"
    case (.complete, .torch): "optimizer = type(optimizer)(model.parameters(), lr=lr)"
    case (.complete, _): "# every trainable parameter in the optimizer"
    case (.unclipped, .keras): "clipnorm=None, clipvalue=None"
    case (.unclipped, _): "# without clip_grad_norm_ and clip_grad_value_"
    case (.clipped(let norm), .torch):
      "torch.nn.utils.clip_grad_norm_(model.parameters(), \(Wording.number(norm)))"
    case (.clipped(let norm), .keras): "global_clipnorm=\(Wording.number(norm))"
    case (.clipped(let norm), _): "gradient *= min(1, \(Wording.number(norm)) / norm(gradient))"
    case (.unscheduled, .torch): "# without scheduler.step()"
    case (.unscheduled, .sklearn): "learning_rate=\"constant\""
    case (.unscheduled, _): "# the first learning rate all the way"
    default: ""
    }
  }
}
