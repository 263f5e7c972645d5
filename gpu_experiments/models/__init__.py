"""Image models: the interface that attacks and protocols require, and the gated network on image patches."""
