"""A run on a Spark cluster: the same kernels as on one machine, laid over many (`docs/scaling.md`)."""
