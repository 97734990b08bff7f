"""IPOPT with compiled derivatives: the callbacks that cyipopt asks for, all sparse.

The problem is the swing-up of ``direct_collocation.py``, now with bounds on the torque, which make
it an interior-point method's: the motor is too weak to lift the pendulum straight up.  cyipopt
asks for the values of the constraints' Jacobian and of the Lagrangian's Hessian in the order of a
fixed structure, which is just what ``sparse="coo"`` gives: rows, columns, values.

Needs IPOPT: ``pip install "proofgrad[ipopt]"``; without it the example says so and stops.

Run it: ``python examples/ipopt_callbacks.py``
"""

import numpy as np
from direct_collocation import constraints, effort, lagrangian, start

import codegen
from codegen import compile_function, compile_gradient, compile_hessian, compile_jacobian

try:
    import cyipopt
except ImportError:
    cyipopt = None

STRONGEST = 8.0  # torque; 9.81 would hold the pendulum level


def scaled_lagrangian(z, multipliers, scale):
    """What IPOPT means by the Lagrangian: the objective has a factor, too."""
    return scale * effort(z) + (lagrangian(z, multipliers) - effort(z))


class Callbacks:
    """The swing-up, as cyipopt asks for it.

    Args:
        z: An example of states and torques.
        multipliers: An example of the constraints' multipliers.
    """

    def __init__(self, z, multipliers):
        self._gradient = compile_gradient(effort, z, target="native")
        self.constraints = compile_function(constraints, z, target="native")
        self._jacobian = compile_jacobian(constraints, z, target="native", sparse="coo")
        self._hessian = compile_hessian(
            scaled_lagrangian, z, multipliers, 1.0, wrt="z", target="native", sparse="coo"
        )
        rows, columns, _ = self._hessian(z, multipliers, 1.0)
        self._lower = rows >= columns  # IPOPT wants one triangle
        self._places = rows[self._lower], columns[self._lower]
        self._rows, self._columns, _ = self._jacobian(z)

    def objective(self, z):
        """What is least."""
        return self._gradient(z)[0]

    def gradient(self, z):
        """Its gradient."""
        return self._gradient(z)[1]

    def jacobianstructure(self):
        """Where the entries of the constraints' Jacobian stand."""
        return self._rows, self._columns

    def jacobian(self, z):
        """These entries."""
        return self._jacobian(z)[2]

    def hessianstructure(self):
        """Where the entries of the Lagrangian's Hessian stand."""
        return self._places

    def hessian(self, z, multipliers, scale):
        """These entries."""
        return self._hessian(z, multipliers, scale)[2][self._lower]


def check_callbacks(z, multipliers):
    """The callbacks' entries are those of the dense matrices; this needs no IPOPT."""
    callbacks = Callbacks(z, multipliers)
    dense = np.zeros((len(multipliers), len(z)))
    dense[callbacks.jacobianstructure()] = callbacks.jacobian(z)
    assert np.array_equal(dense, compile_jacobian(constraints, z)(z))
    rows, columns = callbacks.hessianstructure()
    lower = np.zeros((len(z), len(z)))
    lower[rows, columns] = callbacks.hessian(z, multipliers, 0.5)
    hessian = codegen.compile_hessian(scaled_lagrangian, z, multipliers, 1.0, wrt="z")
    assert np.allclose(lower, np.tril(hessian(z, multipliers, 0.5)), rtol=1e-12)
    print(f"callbacks: {len(rows)} entries of a Hessian, {np.count_nonzero(dense)} of a Jacobian")


def main():
    check_callbacks(*start(3))
    if cyipopt is None:
        print('skipped: cyipopt is not installed; pip install "proofgrad[ipopt]"')
        return
    z, multipliers = start(100)
    bound = np.full((101, 3), np.inf)
    bound[:, 2] = STRONGEST
    zeros = np.zeros(len(multipliers))
    problem = cyipopt.Problem(
        n=len(z), m=len(multipliers), problem_obj=Callbacks(z, multipliers),
        lb=-bound.ravel(), ub=bound.ravel(), cl=zeros, cu=zeros,
    )  # fmt: skip
    problem.add_option("print_level", 0)
    problem.add_option("sb", "yes")
    problem.add_option("tol", 1e-9)
    z, info = problem.solve(z)
    torque = np.max(np.abs(z[2::3]))
    print(f"effort {info['obj_val']:.6f}, torque up to {torque:.6f}: {info['status_msg'].decode()}")
    assert info["status"] == 0
    assert torque < STRONGEST + 1e-6


if __name__ == "__main__":
    main()
