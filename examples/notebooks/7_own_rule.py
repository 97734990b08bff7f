# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 7 · Submit your own derivative rule, get SymPy's verdict
#
# In notebook 2 we wrote a rule for `exp` and tried it at one point. A wrong rule can be right at one point, and a wrong gradient rarely crashes: the network just learns badly.
# Here a rule must be *proven* before it is let in.

# %%
import math

import autodiff as ad
from codegen import compile_gradient
from verify import VerificationError, prove_rule, verify_gradient

# %% [markdown]
# ## What a rule is
#
# An operation $f(x)$ gets a number $g$ from above, the derivative of the end result by its output. It must hand on $g \cdot f'(x)$. So a rule is a function `(g, out, x) -> g * f'(x)`; `out` is $f(x)$, often useful: for `exp` the rule is simply `g * out`.
#
# **Softsign**, $f(x) = \dfrac{x}{1 + |x|}$, is a cheap relative of tanh. Its derivative: for $x > 0$, $\dfrac{(1 + x) - x}{(1 + x)^2}$, and in general $\dfrac{1}{(1 + |x|)^2}$.


# %%
@ad.custom(lambda g, out, x: g / (1.0 + abs(x)) ** 2, sympy="x / (1 + Abs(x))")
def softsign(x):
    return x / (1.0 + abs(x))


print("accepted:", softsign(3.0), ad.grad(softsign)(3.0), "= 1/16")
assert ad.grad(softsign)(3.0) == 1 / 16

# %% [markdown]
# The line `sympy=` says what the function *means*. When the decorator runs, SymPy differentiates that meaning and compares it with your rule, as formulas. Only an equal one registers.
#
# ## A wrong rule
#
# The square is easily forgotten. At $x = 0$ nobody would notice: both rules give 1.

# %%
try:

    @ad.custom(lambda g, out, x: g / (1.0 + abs(x)), sympy="x / (1 + Abs(x))")
    def wrong_softsign(x):
        return x / (1.0 + abs(x))

except VerificationError as error:
    print(error)
else:
    raise AssertionError("a wrong rule was let in")

# %% [markdown]
# You get a point where rule and derivative differ, with both numbers.
#
# ## A famous mistake
#
# A learner once "corrected" the rule of `exp` from `out * g` to `x * g`, thinking of $x^n$. Ask:


# %%
def verdict(rule, meaning, value):
    """Accepted, or why not."""
    try:
        ad.custom(rule, sympy=meaning)(value)
    except VerificationError as error:
        return f"refused: {str(error).splitlines()[0]}"
    return "accepted"


def their_exp(x):
    return math.exp(x)


def our_exp(x):
    return math.exp(x)


print("g * x:  ", verdict(lambda g, out, x: g * x, "exp(x)", their_exp))
print("g * out:", verdict(lambda g, out, x: g * out, "exp(x)", our_exp))

# %% [markdown]
# ## Your rule in a network
#
# What is registered is like everything else: it is drawn, emitted, batched, and proven as part of larger functions.


# %%
def neuron(w=0.5, x=2.0, b=-0.25):
    return softsign(w * x + b)


df = compile_gradient(neuron)
start = df.source.index("def value_and_gradient")
print(df.source[start:].split("\n\n\n")[0])
print(verify_gradient(neuron).verdict)
ad.draw(ad.trace(neuron), at=(0.5, 2.0, -0.25))

# %% [markdown]
# ## The rules we came with
#
# They get no special treatment; this proves some of them again, now:

# %%
for row in (ad.tanh, ad.sigmoid, ad.log1p, ad.atan2):
    verdicts = [str(prove_rule(row, operand).verdict) for operand in range(row.arity)]
    print(row.name, verdicts)
    assert set(verdicts) == {"PROVED"}

# %% [markdown]
# ## What to try
#
# - Submit **swish**, $x / (1 + e^{-x})$. Work out the rule on paper first. (Write it with `out`: $f' = f/x + f(1 - f/x)$; why is that a bad idea at 0?)
# - Submit a rule that is right for $x > 0$ only.
# - A function of two arguments has two rules: try $f(x, y) = x / (x + y)$.
# - Leave `sympy=` out. What does `verify_gradient` say about functions that use it?
