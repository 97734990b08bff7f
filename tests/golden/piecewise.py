"""Value and gradient of piecewise(x, y).

From: piecewise in test_emit_golden.py, by Proofgrad 0.1.0.
Input: x (float), y (float).
Output: value_and_gradient gives the value and its derivatives by x, y, in this
    order; forward and backward are its halves.
"""

# x != x asks for nan, and a conditional expression says what it gives for nan:
# ruff: noqa: BLE001, FURB136, PLR0124, RUF100, SIM201

import math
from math import inf, log, nan, sqrt


def forward(x: float, y: float) -> tuple[float, tuple[float, ...]]:
    """Value of piecewise, and the residuals that backward needs."""
    try:
        x, y = float(x), float(y)
        v1 = x > 0.0 and y > x
        log_x = log(x)
        v2 = sqrt(1.0 + x * x)
        inside = log_x * y if v1 else v2
        v3 = y - x
        v4 = 0.0 if x < 0.0 else 1.0 if x > 1.0 else x
        v5 = 0.0 if y <= 0.0 else y
        piecewise = (v3 if inside < v3 or v3 != v3 else inside) + v4 * v5 + abs(x)
        v6 = inside == v3
        if ((x == 0.0 or y == x) or v6) or x == 1.0:
            raise ArithmeticError
        return piecewise, (x, y, v1, log_x, v2, inside, v3, v4, v5, v6)
    except Exception:
        return _forward_ieee(x, y)


def backward(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[float, float]:
    """Gradient from the residuals, times the cotangent."""
    try:
        cotangent = float(cotangent)
        x, y, v1, log_x, v2, inside, v3, v4, v5, v6 = residuals
        v7 = 1.0 if x > 0.0 else -1.0 if x < 0.0 else 0.0 if x == 0.0 else x
        x_bar_1 = cotangent * v7
        y_bar_1 = cotangent * v4 if y > 0.0 else 0.0
        x_bar_2 = x_bar_1 + cotangent * v5 if 0.0 <= x and x <= 1.0 else x_bar_1
        v8 = inside >= v3
        inside_bar = 0.5 * cotangent if v6 else cotangent
        v9 = v3 >= inside
        y_bar_2 = y_bar_1 + inside_bar if v9 else y_bar_1
        x_bar_3 = x_bar_2 - inside_bar if v9 else x_bar_2
        x_bar_4 = x_bar_3 + 2.0 * (0.5 * inside_bar / v2) * x
        x_bar_5 = x_bar_4 if v8 and not v1 else x_bar_3
        v10 = v8 and v1
        y_bar = y_bar_2 + inside_bar * log_x if v10 else y_bar_2
        x_bar = x_bar_5 + inside_bar * y / x if v10 else x_bar_5
        return (x_bar, y_bar)
    except Exception:
        return _backward_ieee(residuals, cotangent)


def value_and_gradient(x: float, y: float) -> tuple[float, tuple[float, float]]:
    """Value of piecewise, and its gradient."""
    try:
        x, y = float(x), float(y)
        # forward
        v1 = x > 0.0 and y > x
        log_x = log(x)
        v2 = sqrt(1.0 + x * x)
        inside = log_x * y if v1 else v2
        v3 = y - x
        v4 = 0.0 if x < 0.0 else 1.0 if x > 1.0 else x
        v5 = 0.0 if y <= 0.0 else y
        piecewise = (v3 if inside < v3 or v3 != v3 else inside) + v4 * v5 + abs(x)

        # backward
        x_bar_1 = 1.0 if x > 0.0 else -1.0 if x < 0.0 else 0.0 if x == 0.0 else x
        y_bar_1 = v4 if y > 0.0 else 0.0
        x_bar_2 = x_bar_1 + v5 if 0.0 <= x and x <= 1.0 else x_bar_1
        v6 = inside >= v3
        v7 = inside == v3
        inside_bar = 0.5 if v7 else 1.0
        v8 = v3 >= inside
        y_bar_2 = y_bar_1 + inside_bar if v8 else y_bar_1
        x_bar_3 = x_bar_2 - inside_bar if v8 else x_bar_2
        x_bar_4 = x_bar_3 + 2.0 * (0.5 * inside_bar / v2) * x
        x_bar_5 = x_bar_4 if v6 and not v1 else x_bar_3
        v9 = v6 and v1
        y_bar = y_bar_2 + inside_bar * log_x if v9 else y_bar_2
        x_bar = x_bar_5 + inside_bar * y / x if v9 else x_bar_5
        if ((x == 0.0 or y == x) or v7) or x == 1.0:
            raise ArithmeticError
        return piecewise, (x_bar, y_bar)
    except Exception:
        return _value_and_gradient_ieee(x, y)


# The same steps with operations that never raise: 1.0 / 0.0 is inf, log(-1.0) is nan.


def _div(x: float, y: float) -> float:
    """x / y; a finite x over zero is an infinity, 0/0 is nan."""
    return x / y if y != 0.0 else x * math.copysign(math.inf, y)


def _log(x: float) -> float:
    """Natural logarithm; -inf at zero, nan below."""
    return math.log(x) if x > 0.0 else -math.inf if x == 0.0 else math.nan


def _sqrt(x: float) -> float:
    """Square root; nan below zero."""
    return math.sqrt(x) if x >= 0.0 else math.nan


# Where several switches tie, derivatives are those of the smooth pieces that meet.
# Scale, and what makes sizes and sides of the components generic; the first two are
# one direction.
_GENERIC = (
    (2.0**-240, 0.6180339887498949, 0.5698402909980532),
    (2.0**-200, 0.6180339887498949, 0.5698402909980532),
    (2.0**-240, 0.7548776662466927, 0.4142135623730951),
)


def _directions(count: int, moving: list[int] | range) -> list[list[float]]:
    """Steps: a generic direction, its opposite, both at another scale, one more pair.

    Inputs that do not move step by 0.
    """
    steps = []
    for number, (scale, size, side) in enumerate(_GENERIC):
        if number == 2 and len(moving) == 1:
            break  # along one line there is no other direction
        step = [0.0] * count
        for place, index in enumerate(moving):
            up = (place + 1) * side % 1.0 < 0.5
            step[index] = (scale if up else -scale) * (1.0 + (place + 1) * size % 1.0)
        steps.append(step)
        steps.append([-s for s in step])
    return steps


def _settled(found: list[list[float]], table: list[float]) -> list[float]:
    """The derivatives, given those of the pieces (a row a step) and of the table."""
    noise = _noise_of(found)
    return [_settled_one(t, [r[k] for r in found], noise) for k, t in enumerate(table)]


def _noise_of(found: list[list[float]]) -> float:
    """What rounding may make of numbers that are large beside one another.

    A derivative that grows as the step shrinks sets no size for the others.
    """
    plus, minus, plus_far, minus_far = found[:4]
    largest = 0.0
    for k in range(len(plus)):
        grows = abs(plus[k]) > 2.0 * abs(plus_far[k])
        if grows or abs(minus[k]) > 2.0 * abs(minus_far[k]):
            continue
        for row in found:
            if largest < abs(row[k]) < 1e300:
                largest = abs(row[k])
    return 1e-13 * largest


def _settled_one(table: float, pieces: list[float], noise: float) -> float:
    """One derivative: the table's if it lies between the pieces', else their middle."""
    low, high, known = math.inf, -math.inf, 0
    for d in pieces:
        if d == d:  # nan: outside the domain on that side
            low, high, known = min(low, d), max(high, d), known + 1
    if known < 2 or math.isinf(low) or math.isinf(high):
        return table
    slack = noise + 1e-10 * max(abs(low), abs(high))
    if low - slack <= table <= high + slack:
        return table
    if high - low <= slack:
        return 0.5 * (low + high)
    if max(abs(low), abs(high)) <= 2.0**-64:
        return 0.0  # a root of the step: it vanishes with it
    if abs(table) < math.inf and _same_at_both_scales(pieces, slack):
        return 0.5 * (low + high)
    return table


def _same_at_both_scales(pieces: list[float], slack: float) -> bool:
    """False where a derivative grows as the step shrinks."""
    return abs(pieces[0] - pieces[2]) <= slack and abs(pieces[1] - pieces[3]) <= slack


def _backward_sides(point: list[float], table: list[float]) -> list[float]:
    """Derivatives from all sides, settled at the point; then 1.0 if that fails."""
    point_0, point_1, point_2 = point
    table_0, table_1 = table
    v1 = point_0 + (-1.0069050232089199e-60)
    v2 = point_0 + 1.0069050232089199e-60
    v3 = point_0 + 9.932255605081513e-73
    v4 = point_0 + (-9.932255605081513e-73)
    v5 = point_1 - point_0
    v6 = v5 + 1.7761120140545313e-60
    v7 = v5 + (-1.7761120140545313e-60)
    v8 = v5 + (-1.8477167966711148e-72)
    v9 = v5 + 1.8477167966711148e-72
    v10 = v1 > 0.0 and v6 > 0.0
    v11 = v2 > 0.0 and v7 > 0.0
    v12 = v3 > 0.0 and v8 > 0.0
    v13 = v4 > 0.0 and v9 > 0.0
    v14 = _log(point_0)
    v15 = _div((-1.0069050232089199e-60), point_0)
    v16 = _div(1.0069050232089199e-60, point_0)
    v17 = _div(9.932255605081513e-73, point_0)
    v18 = _div((-9.932255605081513e-73), point_0)
    v19 = v14 * 7.692069908456114e-61 + point_1 * v15
    v20 = v14 * point_1
    v21 = v14 * (-7.692069908456114e-61) + point_1 * v16
    v22 = v14 * (-8.544912361629636e-73) + point_1 * v17
    v23 = v14 * 8.544912361629636e-73 + point_1 * v18
    v24 = 2.0 * point_0
    v25 = (-1.0069050232089199e-60) * (v24 + (-1.0069050232089199e-60))
    v26 = 1.0069050232089199e-60 * (v24 + 1.0069050232089199e-60)
    v27 = 9.932255605081513e-73 * (v24 + 9.932255605081513e-73)
    v28 = (-9.932255605081513e-73) * (v24 + (-9.932255605081513e-73))
    v29 = 1.0 + point_0 * point_0
    v30 = _sqrt(v29)
    v31 = v30 + _sqrt(v29 + v25)
    v32 = v30 + _sqrt(v29 + v26)
    v33 = v30 + _sqrt(v29 + v27)
    v34 = v30 + _sqrt(v29 + v28)
    v35 = 0.0 if v31 == 0.0 else _div(v25, v31)
    v36 = v19 + v15 * 7.692069908456114e-61 if v10 else v35
    v37 = v20 if v10 else v30
    v38 = 0.0 if v32 == 0.0 else _div(v26, v32)
    v39 = v21 + v16 * (-7.692069908456114e-61) if v11 else v38
    v40 = v20 if v11 else v30
    v41 = 0.0 if v33 == 0.0 else _div(v27, v33)
    v42 = v22 + v17 * (-8.544912361629636e-73) if v12 else v41
    v43 = v20 if v12 else v30
    v44 = 0.0 if v34 == 0.0 else _div(v28, v34)
    v45 = v23 + v18 * 8.544912361629636e-73 if v13 else v44
    v46 = v20 if v13 else v30
    v47 = 1.0 if v1 > 0.0 else -1.0 if v1 < 0.0 else 0.0 if v1 == 0.0 else v1
    v48 = 1.0 if v2 > 0.0 else -1.0 if v2 < 0.0 else 0.0 if v2 == 0.0 else v2
    v49 = 1.0 if v3 > 0.0 else -1.0 if v3 < 0.0 else 0.0 if v3 == 0.0 else v3
    v50 = 1.0 if v4 > 0.0 else -1.0 if v4 < 0.0 else 0.0 if v4 == 0.0 else v4
    v51 = point_2 * v47
    v52 = point_2 * v48
    v53 = point_2 * v49
    v54 = point_2 * v50
    v55 = point_2 * (0.0 if point_1 <= 0.0 else point_1)
    v56 = point_2 * (0.0 if point_0 < 0.0 else 1.0 if point_0 > 1.0 else point_0)
    v57 = v56 if point_1 + 7.692069908456114e-61 > 0.0 else 0.0
    v58 = v56 if point_1 + (-7.692069908456114e-61) > 0.0 else 0.0
    v59 = v56 if point_1 + (-8.544912361629636e-73) > 0.0 else 0.0
    v60 = v56 if point_1 + 8.544912361629636e-73 > 0.0 else 0.0
    v61 = 0.0 - point_0
    v62 = point_0 - 1.0
    v63 = v62 + (-1.0069050232089199e-60) <= 0.0
    v64 = v61 + (-1.0069050232089199e-60) <= 0.0
    v65 = v61 + (-9.932255605081513e-73) <= 0.0
    v66 = v62 + (-9.932255605081513e-73) <= 0.0
    v67 = v51 + v55 if v61 + 1.0069050232089199e-60 <= 0.0 and v63 else v51
    v68 = v52 + v55 if v64 and v62 + 1.0069050232089199e-60 <= 0.0 else v52
    v69 = v53 + v55 if v65 and v62 + 9.932255605081513e-73 <= 0.0 else v53
    v70 = v54 + v55 if v61 + 9.932255605081513e-73 <= 0.0 and v66 else v54
    v71 = v37 - v5 + (v36 - 1.7761120140545313e-60)
    v72 = v71 >= 0.0
    v73 = v40 - v5 + (v39 - (-1.7761120140545313e-60))
    v74 = v73 >= 0.0
    v75 = v43 - v5 + (v42 - (-1.8477167966711148e-72))
    v76 = v75 >= 0.0
    v77 = v46 - v5 + (v45 - 1.8477167966711148e-72)
    v78 = v77 >= 0.0
    v79 = v37 + v36
    v80 = 0.0 + v79 + v6
    v81 = v40 + v39
    v82 = 0.0 + v81 + v7
    v83 = v43 + v42
    v84 = 0.0 + v83 + v8
    v85 = v46 + v45
    v86 = 0.0 + v85 + v9
    v87 = 0.5 * point_2
    v88 = v87 if v71 == 0.0 else point_2
    v89 = v87 if v73 == 0.0 else point_2
    v90 = v87 if v75 == 0.0 else point_2
    v91 = v87 if v77 == 0.0 else point_2
    v92 = v5 - v37 + (1.7761120140545313e-60 - v36) >= 0.0
    v93 = v5 - v40 + ((-1.7761120140545313e-60) - v39) >= 0.0
    v94 = v5 - v43 + ((-1.8477167966711148e-72) - v42) >= 0.0
    v95 = v5 - v46 + (1.8477167966711148e-72 - v45) >= 0.0
    v96 = 0.0 + v6 + v79
    v97 = 0.0 + v7 + v81
    v98 = 0.0 + v8 + v83
    v99 = 0.0 + v9 + v85
    v100 = v57 + v88 if v92 else v57
    v101 = v58 + v89 if v93 else v58
    v102 = v59 + v90 if v94 else v59
    v103 = v60 + v91 if v95 else v60
    v104 = v67 - v88 if v92 else v67
    v105 = v68 - v89 if v93 else v68
    v106 = v69 - v90 if v94 else v69
    v107 = v70 - v91 if v95 else v70
    v108 = v104 + 2.0 * _div(0.5 * v88, v30) * point_0 if v72 and not v10 else v104
    v109 = v105 + 2.0 * _div(0.5 * v89, v30) * point_0 if v74 and not v11 else v105
    v110 = v106 + 2.0 * _div(0.5 * v90, v30) * point_0 if v76 and not v12 else v106
    v111 = v107 + 2.0 * _div(0.5 * v91, v30) * point_0 if v78 and not v13 else v107
    v112 = v72 and v10
    v113 = v74 and v11
    v114 = v76 and v12
    v115 = v78 and v13
    v116 = v100 + v88 * v14 if v112 else v100
    v117 = v101 + v89 * v14 if v113 else v101
    v118 = v102 + v90 * v14 if v114 else v102
    v119 = v103 + v91 * v14 if v115 else v103
    v120 = v108 + _div(v88 * point_1, point_0) if v112 else v108
    v121 = v109 + _div(v89 * point_1, point_0) if v113 else v109
    v122 = v110 + _div(v90 * point_1, point_0) if v114 else v110
    v123 = v111 + _div(v91 * point_1, point_0) if v115 else v111
    v124 = abs(v120)
    v125 = abs(v121)
    v126 = v125 if v124 < v125 or v125 != v125 else v124
    v127 = abs(v122)
    v128 = v127 if v126 < v127 or v127 != v127 else v126
    v129 = abs(v123)
    v130 = v129 if v128 < v129 or v129 != v129 else v128
    v131 = abs(v116)
    v132 = v131 if v130 < v131 or v131 != v131 else v130
    v133 = abs(v117)
    v134 = v133 if v132 < v133 or v133 != v133 else v132
    v135 = abs(v118)
    v136 = v135 if v134 < v135 or v135 != v135 else v134
    v137 = abs(v119)
    v138 = v137 if v136 < v137 or v137 != v137 else v136
    v139 = 1e-13 * v138
    v140 = v121 if v121 < v120 else v120
    v141 = v121 if v121 > v120 else v120
    v142 = v122 if v122 < v140 else v140
    v143 = v122 if v122 > v141 else v141
    v144 = v123 if v123 < v142 else v142
    v145 = v123 if v123 > v143 else v143
    v146 = -v144
    v147 = v139 + 1e-10 * (v146 if v146 > v145 else v145)
    v148 = 0.5 * (v144 + v145)
    v149 = v145 - v144
    v150 = abs(table_0 - v148) <= 0.5 * v149 + v147
    v151 = table_0 if v150 or not (v149 <= v147 or abs(table_0) < inf) else v148
    v152 = v117 if v117 < v116 else v116
    v153 = v117 if v117 > v116 else v116
    v154 = v118 if v118 < v152 else v152
    v155 = v118 if v118 > v153 else v153
    v156 = v119 if v119 < v154 else v154
    v157 = v119 if v119 > v155 else v155
    v158 = -v156
    v159 = v139 + 1e-10 * (v158 if v158 > v157 else v157)
    v160 = 0.5 * (v156 + v157)
    v161 = v157 - v156
    v162 = abs(table_1 - v160) <= 0.5 * v161 + v159
    v163 = table_1 if v162 or not (v161 <= v159 or abs(table_1) < inf) else v160
    v164 = v80 != v80
    v165 = v82 != v82
    v166 = v84 != v84
    v167 = v86 != v86
    v168 = (((((not v138 < inf or v164) or v165) or v166) or v167) or v164) or v165
    v169 = ((((v168 or v166) or v167) or v96 != v96) or v97 != v97) or v98 != v98
    v170 = v169 or v99 != v99
    return [v151, v163, (1.0 if v170 else 0.0)]


def _backward_piece(point: list[float], step: list[float]) -> list[float]:
    """Derivatives on the smooth piece that the step leads into."""
    point_0, point_1, point_2 = point
    step_0, step_1, _step_2 = step
    v1 = point_0 + step_0
    v2 = point_1 - point_0
    v3 = step_1 - step_0
    v4 = v2 + v3
    v5 = v1 > 0.0 and v4 > 0.0
    v6 = _log(point_0)
    v7 = _div(step_0, point_0)
    v8 = abs(v1)
    v9 = step_0 * (2.0 * point_0 + step_0)
    v10 = 1.0 + point_0 * point_0
    v11 = _sqrt(v10)
    v12 = v11 + _sqrt(v10 + v9)
    v13 = 0.0 if v12 == 0.0 else _div(v9, v12)
    v14 = v6 * step_1 + point_1 * v7 + v7 * step_1 if v5 else v13
    v15 = v6 * point_1 if v5 else v11
    v16 = v15 - v2 + (v14 - v3)
    v17 = v15 + v2
    v18 = v15 + v14 + v4
    v19 = point_0 - 1.0 + step_0
    v20 = v19 > 0.0
    v21 = v1 < 0.0
    v22 = point_1 + step_1
    v23 = v22 <= 0.0
    v24 = 1.0 if v1 > 0.0 else -1.0 if v1 < 0.0 else 0.0 if v1 == 0.0 else v1
    v25 = point_2 * v24
    v26 = v22 > 0.0
    v27 = point_2 * (0.0 if v21 else 0.0 if v20 else step_0) if v26 else 0.0
    v28 = point_2 * (0.0 if v21 else 1.0 if v20 else point_0) if v26 else 0.0
    v29 = 0.0 - point_0 - step_0 <= 0.0 and v19 <= 0.0
    v30 = point_2 * (0.0 if v23 else step_1) if v29 else 0.0
    v31 = v25 + point_2 * (0.0 if v23 else point_1) if v29 else v25
    v32 = v16 >= 0.0
    v33 = nan if v18 != v18 and v17 == v17 else 0.0
    v34 = v16 == 0.0
    v35 = (1.0 if v34 else 0.0) + v33
    v36 = 0.5 * point_2 if v35 != 0.0 else point_2
    v37 = v35 != v35 and (1.0 if v34 else 0.0) == (1.0 if v34 else 0.0)
    v38 = nan if v37 else 0.0
    v39 = v2 - v15 + (v3 - v14) >= 0.0
    v40 = (1.0 if v39 else 0.0) + v33
    v41 = v40 != 0.0
    v42 = v28 + v36 if v41 else v28
    v43 = v40 != v40 and (1.0 if v39 else 0.0) == (1.0 if v39 else 0.0)
    v44 = nan if v43 else v27 + v38 if v41 else v27
    v45 = v31 - v36 if v41 else v31
    v46 = nan if v43 else v30 - v38 if v41 else v30
    v47 = 0.5 * v38
    v48 = 0.5 * v36
    v49 = v11 == 0.0
    v50 = 0.0 if v49 else _div(v48, v11)
    v51 = v11 + v13
    v52 = _div(v47 - v50 * v13 + (v48 if v49 else 0.0), v51)
    v53 = v50 + v52
    v54 = abs(v53)
    v55 = v54 * (8.881784197001252e-16 * abs(v13))
    v56 = abs(v52)
    v57 = _div(8.881784197001252e-16 * abs(v47) + v55, abs(v51))
    v58 = v57 + 8.881784197001252e-16 * v56
    v59 = v56 > 9.5367431640625e-07 * abs(v50) and v56 > 2.9103830456733704e-11
    v60 = 2.0 * (0.0 if v59 else v52)
    v61 = 2.0 * (v58 + 8.881784197001252e-16 * v54 if v59 else v58)
    v62 = 2.0 * (v53 if v59 else v50)
    v63 = abs(v60)
    v64 = v63 > 9.5367431640625e-07 * abs(v62) and v63 > 2.9103830456733704e-11
    v65 = v62 + v60
    v66 = v65 if v64 else v62
    v67 = 0.0 if v64 else v60
    v68 = v66 * step_0 + point_0 * v67 + v67 * step_0
    v69 = 8.881784197001252e-16 * abs(step_0)
    v70 = v8 * (v61 + 8.881784197001252e-16 * abs(v65) if v64 else v61)
    v71 = abs(v66 + v67) * v69 + v70
    v72 = v66 * point_0
    v73 = abs(v68)
    v74 = v73 > 9.5367431640625e-07 * abs(v72) and v73 > 2.9103830456733704e-11
    v75 = v72 + v68
    v76 = not v5
    v77 = (1.0 if v32 else 0.0) + v33
    v78 = v77 != 0.0
    v79 = v78 and v76
    v80 = (1.0 if v32 else 0.0) + (1.0 if v76 else 0.0)
    v81 = v77 + (1.0 if v76 else 0.0)
    v82 = v45 + (v75 if v74 else v72)
    v83 = v46 + (0.0 if v74 else v68)
    v84 = 8.881784197001252e-16 * abs(v46)
    v85 = v84 + (v71 + 8.881784197001252e-16 * abs(v75) if v74 else v71)
    v86 = abs(v83)
    v87 = v86 > 9.5367431640625e-07 * abs(v82) and v86 > 2.9103830456733704e-11
    v88 = v82 + v83
    v89 = (1.0 if v79 else 0.0) + (nan if v81 != v81 and v80 == v80 else 0.0)
    v90 = v89 != 0.0
    v91 = (v85 + 8.881784197001252e-16 * abs(v88) if v87 else v85) if v90 else v84
    v92 = (v88 if v87 else v82) if v90 else v45
    v93 = v89 != v89 and (1.0 if v79 else 0.0) == (1.0 if v79 else 0.0)
    v94 = nan if v93 else (0.0 if v87 else v83) if v90 else v46
    v95 = v36 * step_1 + point_1 * v38 + v38 * step_1
    v96 = v36 * point_1
    v97 = v78 and v5
    v98 = (1.0 if v32 else 0.0) + (1.0 if v5 else 0.0)
    v99 = v77 + (1.0 if v5 else 0.0)
    v100 = (1.0 if v97 else 0.0) + (nan if v99 != v99 and v98 == v98 else 0.0)
    v101 = v100 != 0.0
    v102 = v100 != v100 and (1.0 if v97 else 0.0) == (1.0 if v97 else 0.0)
    v103 = nan if v102 else v44 + (v36 * v7 + v6 * v38 + v38 * v7) if v101 else v44
    v104 = point_0 == 0.0
    v105 = 0.0 if v104 else _div(v96, point_0)
    v106 = _div(v95 - v105 * step_0 + (v96 if v104 else 0.0), v1)
    v107 = v105 + v106
    v108 = abs(v107)
    v109 = abs(v106)
    v110 = _div(8.881784197001252e-16 * abs(v95) + v108 * v69, v8)
    v111 = v110 + 8.881784197001252e-16 * v109
    v112 = v109 > 9.5367431640625e-07 * abs(v105) and v109 > 2.9103830456733704e-11
    v113 = v92 + (v107 if v112 else v105)
    v114 = v94 + (0.0 if v112 else v106)
    v115 = v91 + (v111 + 8.881784197001252e-16 * v108 if v112 else v111)
    v116 = abs(v114)
    v117 = v116 > 9.5367431640625e-07 * abs(v113) and v116 > 2.9103830456733704e-11
    v118 = v113 + v114
    v119 = v115 + 8.881784197001252e-16 * abs(v118) if v117 else v115
    v120 = nan if v102 else (0.0 if v117 else v114) if v101 else v94
    v121 = ((v118 if v117 else v113) if v101 else v92) + v120
    v122 = abs(v121)
    v123 = 9.313225746154785e-10 * v122
    v124 = v123 if v122 > 0.0009765625 else 9.094947017729282e-13
    v125 = v121 if (v119 if v101 else v91) <= v124 else nan
    v126 = (v42 + v36 * v6 if v101 else v42) + v103
    return [v125, v126]


def _backward_settled(point: list[float], table: list[float]) -> list[float]:
    """Derivatives where switches tie: those of the table, if the pieces allow."""
    bars = _backward_sides(point, table)
    if not bars.pop():
        return bars
    moving = [0, 1]
    steps = _directions(3, moving)
    found = [_backward_piece(point, step) for step in steps]
    return _settled(found, table)


def _value_and_gradient_sides(point: list[float], table: list[float]) -> list[float]:
    """Derivatives from all sides, settled at the point; then 1.0 if that fails."""
    point_0, point_1 = point
    table_0, table_1 = table
    v1 = point_0 + (-1.0069050232089199e-60)
    v2 = point_0 + 1.0069050232089199e-60
    v3 = point_0 + 9.932255605081513e-73
    v4 = point_0 + (-9.932255605081513e-73)
    v5 = point_1 - point_0
    v6 = v5 + 1.7761120140545313e-60
    v7 = v5 + (-1.7761120140545313e-60)
    v8 = v5 + (-1.8477167966711148e-72)
    v9 = v5 + 1.8477167966711148e-72
    v10 = v1 > 0.0 and v6 > 0.0
    v11 = v2 > 0.0 and v7 > 0.0
    v12 = v3 > 0.0 and v8 > 0.0
    v13 = v4 > 0.0 and v9 > 0.0
    v14 = _log(point_0)
    v15 = _div((-1.0069050232089199e-60), point_0)
    v16 = _div(1.0069050232089199e-60, point_0)
    v17 = _div(9.932255605081513e-73, point_0)
    v18 = _div((-9.932255605081513e-73), point_0)
    v19 = v14 * 7.692069908456114e-61 + point_1 * v15
    v20 = v14 * point_1
    v21 = v14 * (-7.692069908456114e-61) + point_1 * v16
    v22 = v14 * (-8.544912361629636e-73) + point_1 * v17
    v23 = v14 * 8.544912361629636e-73 + point_1 * v18
    v24 = 2.0 * point_0
    v25 = (-1.0069050232089199e-60) * (v24 + (-1.0069050232089199e-60))
    v26 = 1.0069050232089199e-60 * (v24 + 1.0069050232089199e-60)
    v27 = 9.932255605081513e-73 * (v24 + 9.932255605081513e-73)
    v28 = (-9.932255605081513e-73) * (v24 + (-9.932255605081513e-73))
    v29 = 1.0 + point_0 * point_0
    v30 = _sqrt(v29)
    v31 = v30 + _sqrt(v29 + v25)
    v32 = v30 + _sqrt(v29 + v26)
    v33 = v30 + _sqrt(v29 + v27)
    v34 = v30 + _sqrt(v29 + v28)
    v35 = 0.0 if v31 == 0.0 else _div(v25, v31)
    v36 = v19 + v15 * 7.692069908456114e-61 if v10 else v35
    v37 = v20 if v10 else v30
    v38 = 0.0 if v32 == 0.0 else _div(v26, v32)
    v39 = v21 + v16 * (-7.692069908456114e-61) if v11 else v38
    v40 = v20 if v11 else v30
    v41 = 0.0 if v33 == 0.0 else _div(v27, v33)
    v42 = v22 + v17 * (-8.544912361629636e-73) if v12 else v41
    v43 = v20 if v12 else v30
    v44 = 0.0 if v34 == 0.0 else _div(v28, v34)
    v45 = v23 + v18 * 8.544912361629636e-73 if v13 else v44
    v46 = v20 if v13 else v30
    v47 = 0.0 if point_0 < 0.0 else 1.0 if point_0 > 1.0 else point_0
    v48 = 0.0 if point_1 <= 0.0 else point_1
    v49 = 1.0 if v1 > 0.0 else -1.0 if v1 < 0.0 else 0.0 if v1 == 0.0 else v1
    v50 = 1.0 if v2 > 0.0 else -1.0 if v2 < 0.0 else 0.0 if v2 == 0.0 else v2
    v51 = 1.0 if v3 > 0.0 else -1.0 if v3 < 0.0 else 0.0 if v3 == 0.0 else v3
    v52 = 1.0 if v4 > 0.0 else -1.0 if v4 < 0.0 else 0.0 if v4 == 0.0 else v4
    v53 = v47 if point_1 + 7.692069908456114e-61 > 0.0 else 0.0
    v54 = v47 if point_1 + (-7.692069908456114e-61) > 0.0 else 0.0
    v55 = v47 if point_1 + (-8.544912361629636e-73) > 0.0 else 0.0
    v56 = v47 if point_1 + 8.544912361629636e-73 > 0.0 else 0.0
    v57 = 0.0 - point_0
    v58 = point_0 - 1.0
    v59 = v58 + (-1.0069050232089199e-60) <= 0.0
    v60 = v57 + (-1.0069050232089199e-60) <= 0.0
    v61 = v57 + (-9.932255605081513e-73) <= 0.0
    v62 = v58 + (-9.932255605081513e-73) <= 0.0
    v63 = v49 + v48 if v57 + 1.0069050232089199e-60 <= 0.0 and v59 else v49
    v64 = v50 + v48 if v60 and v58 + 1.0069050232089199e-60 <= 0.0 else v50
    v65 = v51 + v48 if v61 and v58 + 9.932255605081513e-73 <= 0.0 else v51
    v66 = v52 + v48 if v57 + 9.932255605081513e-73 <= 0.0 and v62 else v52
    v67 = v37 - v5 + (v36 - 1.7761120140545313e-60)
    v68 = v67 >= 0.0
    v69 = v40 - v5 + (v39 - (-1.7761120140545313e-60))
    v70 = v69 >= 0.0
    v71 = v43 - v5 + (v42 - (-1.8477167966711148e-72))
    v72 = v71 >= 0.0
    v73 = v46 - v5 + (v45 - 1.8477167966711148e-72)
    v74 = v73 >= 0.0
    v75 = v37 + v36
    v76 = 0.0 + v75 + v6
    v77 = v40 + v39
    v78 = 0.0 + v77 + v7
    v79 = v43 + v42
    v80 = 0.0 + v79 + v8
    v81 = v46 + v45
    v82 = 0.0 + v81 + v9
    v83 = 0.5 if v67 == 0.0 else 1.0
    v84 = 0.5 if v69 == 0.0 else 1.0
    v85 = 0.5 if v71 == 0.0 else 1.0
    v86 = 0.5 if v73 == 0.0 else 1.0
    v87 = v5 - v37 + (1.7761120140545313e-60 - v36) >= 0.0
    v88 = v5 - v40 + ((-1.7761120140545313e-60) - v39) >= 0.0
    v89 = v5 - v43 + ((-1.8477167966711148e-72) - v42) >= 0.0
    v90 = v5 - v46 + (1.8477167966711148e-72 - v45) >= 0.0
    v91 = 0.0 + v6 + v75
    v92 = 0.0 + v7 + v77
    v93 = 0.0 + v8 + v79
    v94 = 0.0 + v9 + v81
    v95 = v53 + v83 if v87 else v53
    v96 = v54 + v84 if v88 else v54
    v97 = v55 + v85 if v89 else v55
    v98 = v56 + v86 if v90 else v56
    v99 = v63 - v83 if v87 else v63
    v100 = v64 - v84 if v88 else v64
    v101 = v65 - v85 if v89 else v65
    v102 = v66 - v86 if v90 else v66
    v103 = v99 + 2.0 * _div(0.5 * v83, v30) * point_0 if v68 and not v10 else v99
    v104 = v100 + 2.0 * _div(0.5 * v84, v30) * point_0 if v70 and not v11 else v100
    v105 = v101 + 2.0 * _div(0.5 * v85, v30) * point_0 if v72 and not v12 else v101
    v106 = v102 + 2.0 * _div(0.5 * v86, v30) * point_0 if v74 and not v13 else v102
    v107 = v68 and v10
    v108 = v70 and v11
    v109 = v72 and v12
    v110 = v74 and v13
    v111 = v95 + v83 * v14 if v107 else v95
    v112 = v96 + v84 * v14 if v108 else v96
    v113 = v97 + v85 * v14 if v109 else v97
    v114 = v98 + v86 * v14 if v110 else v98
    v115 = v103 + _div(v83 * point_1, point_0) if v107 else v103
    v116 = v104 + _div(v84 * point_1, point_0) if v108 else v104
    v117 = v105 + _div(v85 * point_1, point_0) if v109 else v105
    v118 = v106 + _div(v86 * point_1, point_0) if v110 else v106
    v119 = abs(v115)
    v120 = abs(v116)
    v121 = v120 if v119 < v120 or v120 != v120 else v119
    v122 = abs(v117)
    v123 = v122 if v121 < v122 or v122 != v122 else v121
    v124 = abs(v118)
    v125 = v124 if v123 < v124 or v124 != v124 else v123
    v126 = abs(v111)
    v127 = v126 if v125 < v126 or v126 != v126 else v125
    v128 = abs(v112)
    v129 = v128 if v127 < v128 or v128 != v128 else v127
    v130 = abs(v113)
    v131 = v130 if v129 < v130 or v130 != v130 else v129
    v132 = abs(v114)
    v133 = v132 if v131 < v132 or v132 != v132 else v131
    v134 = 1e-13 * v133
    v135 = v116 if v116 < v115 else v115
    v136 = v116 if v116 > v115 else v115
    v137 = v117 if v117 < v135 else v135
    v138 = v117 if v117 > v136 else v136
    v139 = v118 if v118 < v137 else v137
    v140 = v118 if v118 > v138 else v138
    v141 = -v139
    v142 = v134 + 1e-10 * (v141 if v141 > v140 else v140)
    v143 = 0.5 * (v139 + v140)
    v144 = v140 - v139
    v145 = abs(table_0 - v143) <= 0.5 * v144 + v142
    v146 = table_0 if v145 or not (v144 <= v142 or abs(table_0) < inf) else v143
    v147 = v112 if v112 < v111 else v111
    v148 = v112 if v112 > v111 else v111
    v149 = v113 if v113 < v147 else v147
    v150 = v113 if v113 > v148 else v148
    v151 = v114 if v114 < v149 else v149
    v152 = v114 if v114 > v150 else v150
    v153 = -v151
    v154 = v134 + 1e-10 * (v153 if v153 > v152 else v152)
    v155 = 0.5 * (v151 + v152)
    v156 = v152 - v151
    v157 = abs(table_1 - v155) <= 0.5 * v156 + v154
    v158 = table_1 if v157 or not (v156 <= v154 or abs(table_1) < inf) else v155
    v159 = v76 != v76
    v160 = v78 != v78
    v161 = v80 != v80
    v162 = v82 != v82
    v163 = (((((not v133 < inf or v159) or v160) or v161) or v162) or v159) or v160
    v164 = ((((v163 or v161) or v162) or v91 != v91) or v92 != v92) or v93 != v93
    v165 = v164 or v94 != v94
    return [v146, v158, (1.0 if v165 else 0.0)]


def _value_and_gradient_piece(point: list[float], step: list[float]) -> list[float]:
    """Derivatives on the smooth piece that the step leads into."""
    point_0, point_1 = point
    step_0, step_1 = step
    v1 = point_0 + step_0
    v2 = point_1 - point_0
    v3 = step_1 - step_0
    v4 = v2 + v3
    v5 = v1 > 0.0 and v4 > 0.0
    v6 = _log(point_0)
    v7 = _div(step_0, point_0)
    v8 = abs(v1)
    v9 = step_0 * (2.0 * point_0 + step_0)
    v10 = 1.0 + point_0 * point_0
    v11 = _sqrt(v10)
    v12 = v11 + _sqrt(v10 + v9)
    v13 = 0.0 if v12 == 0.0 else _div(v9, v12)
    v14 = v6 * step_1 + point_1 * v7 + v7 * step_1 if v5 else v13
    v15 = v6 * point_1 if v5 else v11
    v16 = v15 - v2 + (v14 - v3)
    v17 = v15 + v2
    v18 = v15 + v14 + v4
    v19 = point_0 - 1.0 + step_0
    v20 = v19 > 0.0
    v21 = v1 < 0.0
    v22 = point_1 + step_1
    v23 = v22 <= 0.0
    v24 = 1.0 if v1 > 0.0 else -1.0 if v1 < 0.0 else 0.0 if v1 == 0.0 else v1
    v25 = v22 > 0.0
    v26 = (0.0 if v21 else 0.0 if v20 else step_0) if v25 else 0.0
    v27 = (0.0 if v21 else 1.0 if v20 else point_0) if v25 else 0.0
    v28 = 0.0 - point_0 - step_0 <= 0.0 and v19 <= 0.0
    v29 = (0.0 if v23 else step_1) if v28 else 0.0
    v30 = v24 + (0.0 if v23 else point_1) if v28 else v24
    v31 = v16 >= 0.0
    v32 = nan if v18 != v18 and v17 == v17 else 0.0
    v33 = v16 == 0.0
    v34 = (1.0 if v33 else 0.0) + v32
    v35 = 0.5 if v34 != 0.0 else 1.0
    v36 = v34 != v34 and (1.0 if v33 else 0.0) == (1.0 if v33 else 0.0)
    v37 = nan if v36 else 0.0
    v38 = v2 - v15 + (v3 - v14) >= 0.0
    v39 = (1.0 if v38 else 0.0) + v32
    v40 = v39 != 0.0
    v41 = v27 + v35 if v40 else v27
    v42 = v39 != v39 and (1.0 if v38 else 0.0) == (1.0 if v38 else 0.0)
    v43 = nan if v42 else v26 + v37 if v40 else v26
    v44 = v30 - v35 if v40 else v30
    v45 = nan if v42 else v29 - v37 if v40 else v29
    v46 = 0.5 * v37
    v47 = 0.5 * v35
    v48 = v11 == 0.0
    v49 = 0.0 if v48 else _div(v47, v11)
    v50 = v11 + v13
    v51 = _div(v46 - v49 * v13 + (v47 if v48 else 0.0), v50)
    v52 = v49 + v51
    v53 = abs(v52)
    v54 = v53 * (8.881784197001252e-16 * abs(v13))
    v55 = abs(v51)
    v56 = _div(8.881784197001252e-16 * abs(v46) + v54, abs(v50))
    v57 = v56 + 8.881784197001252e-16 * v55
    v58 = v55 > 9.5367431640625e-07 * abs(v49) and v55 > 2.9103830456733704e-11
    v59 = 2.0 * (0.0 if v58 else v51)
    v60 = 2.0 * (v57 + 8.881784197001252e-16 * v53 if v58 else v57)
    v61 = 2.0 * (v52 if v58 else v49)
    v62 = abs(v59)
    v63 = v62 > 9.5367431640625e-07 * abs(v61) and v62 > 2.9103830456733704e-11
    v64 = v61 + v59
    v65 = v64 if v63 else v61
    v66 = 0.0 if v63 else v59
    v67 = v65 * step_0 + point_0 * v66 + v66 * step_0
    v68 = 8.881784197001252e-16 * abs(step_0)
    v69 = v8 * (v60 + 8.881784197001252e-16 * abs(v64) if v63 else v60)
    v70 = abs(v65 + v66) * v68 + v69
    v71 = v65 * point_0
    v72 = abs(v67)
    v73 = v72 > 9.5367431640625e-07 * abs(v71) and v72 > 2.9103830456733704e-11
    v74 = v71 + v67
    v75 = not v5
    v76 = (1.0 if v31 else 0.0) + v32
    v77 = v76 != 0.0
    v78 = v77 and v75
    v79 = (1.0 if v31 else 0.0) + (1.0 if v75 else 0.0)
    v80 = v76 + (1.0 if v75 else 0.0)
    v81 = v44 + (v74 if v73 else v71)
    v82 = v45 + (0.0 if v73 else v67)
    v83 = 8.881784197001252e-16 * abs(v45)
    v84 = v83 + (v70 + 8.881784197001252e-16 * abs(v74) if v73 else v70)
    v85 = abs(v82)
    v86 = v85 > 9.5367431640625e-07 * abs(v81) and v85 > 2.9103830456733704e-11
    v87 = v81 + v82
    v88 = (1.0 if v78 else 0.0) + (nan if v80 != v80 and v79 == v79 else 0.0)
    v89 = v88 != 0.0
    v90 = (v84 + 8.881784197001252e-16 * abs(v87) if v86 else v84) if v89 else v83
    v91 = (v87 if v86 else v81) if v89 else v44
    v92 = v88 != v88 and (1.0 if v78 else 0.0) == (1.0 if v78 else 0.0)
    v93 = nan if v92 else (0.0 if v86 else v82) if v89 else v45
    v94 = v35 * step_1 + point_1 * v37 + v37 * step_1
    v95 = v35 * point_1
    v96 = v77 and v5
    v97 = (1.0 if v31 else 0.0) + (1.0 if v5 else 0.0)
    v98 = v76 + (1.0 if v5 else 0.0)
    v99 = (1.0 if v96 else 0.0) + (nan if v98 != v98 and v97 == v97 else 0.0)
    v100 = v99 != 0.0
    v101 = v99 != v99 and (1.0 if v96 else 0.0) == (1.0 if v96 else 0.0)
    v102 = nan if v101 else v43 + (v35 * v7 + v6 * v37 + v37 * v7) if v100 else v43
    v103 = point_0 == 0.0
    v104 = 0.0 if v103 else _div(v95, point_0)
    v105 = _div(v94 - v104 * step_0 + (v95 if v103 else 0.0), v1)
    v106 = v104 + v105
    v107 = abs(v106)
    v108 = abs(v105)
    v109 = _div(8.881784197001252e-16 * abs(v94) + v107 * v68, v8)
    v110 = v109 + 8.881784197001252e-16 * v108
    v111 = v108 > 9.5367431640625e-07 * abs(v104) and v108 > 2.9103830456733704e-11
    v112 = v91 + (v106 if v111 else v104)
    v113 = v93 + (0.0 if v111 else v105)
    v114 = v90 + (v110 + 8.881784197001252e-16 * v107 if v111 else v110)
    v115 = abs(v113)
    v116 = v115 > 9.5367431640625e-07 * abs(v112) and v115 > 2.9103830456733704e-11
    v117 = v112 + v113
    v118 = v114 + 8.881784197001252e-16 * abs(v117) if v116 else v114
    v119 = nan if v101 else (0.0 if v116 else v113) if v100 else v93
    v120 = ((v117 if v116 else v112) if v100 else v91) + v119
    v121 = abs(v120)
    v122 = 9.313225746154785e-10 * v121
    v123 = v122 if v121 > 0.0009765625 else 9.094947017729282e-13
    v124 = v120 if (v118 if v100 else v90) <= v123 else nan
    v125 = (v41 + v35 * v6 if v100 else v41) + v102
    return [v124, v125]


def _value_and_gradient_settled(point: list[float], table: list[float]) -> list[float]:
    """Derivatives where switches tie: those of the table, if the pieces allow."""
    bars = _value_and_gradient_sides(point, table)
    if not bars.pop():
        return bars
    moving = range(2)
    steps = _directions(2, moving)
    found = [_value_and_gradient_piece(point, step) for step in steps]
    return _settled(found, table)


def _forward_ieee(x: float, y: float) -> tuple[float, tuple[float, ...]]:
    """Value of piecewise, and the residuals that backward needs."""
    x, y = float(x), float(y)
    v1 = x > 0.0 and y > x
    log_x = _log(x)
    v2 = _sqrt(1.0 + x * x)
    inside = log_x * y if v1 else v2
    v3 = y - x
    v4 = 0.0 if x < 0.0 else 1.0 if x > 1.0 else x
    v5 = 0.0 if y <= 0.0 else y
    piecewise = (v3 if inside < v3 or v3 != v3 else inside) + v4 * v5 + abs(x)
    v6 = inside == v3
    if ((x == 0.0 or y == x) or v6) or x == 1.0:
        return piecewise, (x, y, v1, log_x, v2, inside, v3, v4, v5, v6, x, y)
    return piecewise, (x, y, v1, log_x, v2, inside, v3, v4, v5, v6)


def _backward_ieee(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[float, float]:
    """Gradient from the residuals, times the cotangent."""
    cotangent = float(cotangent)
    x, y, v1, log_x, v2, inside, v3, v4, v5, v6, *point = residuals
    v7 = 1.0 if x > 0.0 else -1.0 if x < 0.0 else 0.0 if x == 0.0 else x
    x_bar_1 = cotangent * v7
    y_bar_1 = cotangent * v4 if y > 0.0 else 0.0
    x_bar_2 = x_bar_1 + cotangent * v5 if 0.0 <= x and x <= 1.0 else x_bar_1
    v8 = inside >= v3
    inside_bar = 0.5 * cotangent if v6 else cotangent
    v9 = v3 >= inside
    y_bar_2 = y_bar_1 + inside_bar if v9 else y_bar_1
    x_bar_3 = x_bar_2 - inside_bar if v9 else x_bar_2
    x_bar_4 = x_bar_3 + 2.0 * _div(0.5 * inside_bar, v2) * x
    x_bar_5 = x_bar_4 if v8 and not v1 else x_bar_3
    v10 = v8 and v1
    y_bar = y_bar_2 + inside_bar * log_x if v10 else y_bar_2
    x_bar = x_bar_5 + _div(inside_bar * y, x) if v10 else x_bar_5
    if point:
        bars = _backward_settled([*point, cotangent], [x_bar, y_bar])
        return (bars[0], bars[1])
    return (x_bar, y_bar)


def _value_and_gradient_ieee(x: float, y: float) -> tuple[float, tuple[float, float]]:
    """Value of piecewise, and its gradient."""
    x, y = float(x), float(y)
    # forward
    v1 = x > 0.0 and y > x
    log_x = _log(x)
    v2 = _sqrt(1.0 + x * x)
    inside = log_x * y if v1 else v2
    v3 = y - x
    v4 = 0.0 if x < 0.0 else 1.0 if x > 1.0 else x
    v5 = 0.0 if y <= 0.0 else y
    piecewise = (v3 if inside < v3 or v3 != v3 else inside) + v4 * v5 + abs(x)

    # backward
    x_bar_1 = 1.0 if x > 0.0 else -1.0 if x < 0.0 else 0.0 if x == 0.0 else x
    y_bar_1 = v4 if y > 0.0 else 0.0
    x_bar_2 = x_bar_1 + v5 if 0.0 <= x and x <= 1.0 else x_bar_1
    v6 = inside >= v3
    v7 = inside == v3
    inside_bar = 0.5 if v7 else 1.0
    v8 = v3 >= inside
    y_bar_2 = y_bar_1 + inside_bar if v8 else y_bar_1
    x_bar_3 = x_bar_2 - inside_bar if v8 else x_bar_2
    x_bar_4 = x_bar_3 + 2.0 * _div(0.5 * inside_bar, v2) * x
    x_bar_5 = x_bar_4 if v6 and not v1 else x_bar_3
    v9 = v6 and v1
    y_bar = y_bar_2 + inside_bar * log_x if v9 else y_bar_2
    x_bar = x_bar_5 + _div(inside_bar * y, x) if v9 else x_bar_5
    if ((x == 0.0 or y == x) or v7) or x == 1.0:
        bars = _value_and_gradient_settled([x, y], [x_bar, y_bar])
        return piecewise, (bars[0], bars[1])
    return piecewise, (x_bar, y_bar)
