"""Image models: the interface that attacks and protocols ask of them, and the gated network on image patches."""
