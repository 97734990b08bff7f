"""What other libraries call things, for whoever comes from one and asks for a name of theirs.

In: a name that is none of ours.  Out: what to write instead.
"""

from __future__ import annotations

__all__ = ["written_here"]

_BATCH = "compile_gradient(f, *examples, target='numpy', batch=True)"
_MATRIX = "compile_jacobian(f, *examples)"
_FIXED = "another argument for what is held fixed, and wrt= for the others"
_PROOF = "verify_gradient(f, *examples, gradient=yours)"
_NAMES = {
    "jit": "compile_gradient(f, *examples, target='native')",
    "vmap": _BATCH,
    "elementwise_grad": _BATCH,
    "jacfwd": _MATRIX,
    "jacrev": _MATRIX,
    "stop_gradient": _FIXED,
    "detach": _FIXED,
    "no_grad": _FIXED,
    "custom_vjp": "custom(rule), which proves the rule",
    "custom_jvp": "custom(rule), which proves the rule",
    "lambdify": "compile_gradient(from_sympy(expression), *examples)",
    "check_grads": _PROOF,
    "gradcheck": _PROOF,
    "tensor": "Value(number), or plain NumPy arrays",
    "Tensor": "Value(number), or plain NumPy arrays",
    "Variable": "Value(number)",
    "fori_loop": "a Python loop, or scan",
    # keywords
    "argnums": "wrt=",
    "argnum": "wrt=",
}


def written_here(name: str) -> str:
    """What stands for a name of another library, as the end of a message; or nothing."""
    return f"; here it is {_NAMES[name]}" if name in _NAMES else ""
