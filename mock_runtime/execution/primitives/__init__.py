"""The primitives: Sampler, Estimator, Executor and NoiseLearner, computed or made up."""
