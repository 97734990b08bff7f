"""The front doors: verify a gradient, check a compile, recheck a certificate, admit a primitive."""
