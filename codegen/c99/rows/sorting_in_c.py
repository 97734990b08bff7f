"""Orders and places in C, the first of equals first; nan comes last, as for NumPy."""

from __future__ import annotations

__all__ = ["ORDERS"]

ORDERS = {
    "proofgrad_before": """\
/* True if x comes before y: numbers from the smallest on, then nan. */
static int proofgrad_before(double x, double y) { return x < y || (x == x && y != y); }
""",
    "proofgrad_argsort": """\
/* The order that sorts the middle axis of x; equal numbers stay in theirs. */
static void proofgrad_argsort(
    const double *x, size_t outer, size_t n, size_t inner, double *order, double *work)
{
    for (size_t i = 0; i < outer * inner; ++i) {
        const size_t first = i / inner * n * inner + i % inner;
        double *numbers = work, *from = work + n, *to = work + 2 * n;
        for (size_t k = 0; k < n; ++k) {
            numbers[k] = x[first + k * inner];
            from[k] = (double)k;
        }
        for (size_t width = 1; width < n; width *= 2) {
            for (size_t start = 0; start < n; start += 2 * width) {
                const size_t middle = start + width < n ? start + width : n;
                const size_t end = middle + width < n ? middle + width : n;
                size_t left = start, right = middle;
                for (size_t k = start; k < end; ++k) {
                    const int turn = left == middle
                        || (right < end
                            && proofgrad_before(
                                numbers[(size_t)from[right]], numbers[(size_t)from[left]]));
                    to[k] = turn ? from[right] : from[left];
                    left += !turn;
                    right += turn;
                }
            }
            double *const sorted = to;
            to = from;
            from = sorted;
        }
        for (size_t k = 0; k < n; ++k) {
            order[first + k * inner] = from[k];
        }
    }
}
""",
    "proofgrad_running_place": """\
/* The place of the largest number so far along the middle axis, the first of equals, or of nan. */
static void proofgrad_running_place(
    const double *x, size_t outer, size_t n, size_t inner, double *places)
{
    for (size_t i = 0; i < outer * inner; ++i) {
        const size_t first = i / inner * n * inner + i % inner;
        size_t best = 0;
        for (size_t k = 0; k < n; ++k) {
            const double largest = x[first + best * inner];
            if (largest == largest && !(x[first + k * inner] <= largest)) {
                best = k;
            }
            places[first + k * inner] = (double)best;
        }
    }
}
""",
    "proofgrad_argmax": """\
/* The place of the largest number along the middle axis, the first of equals, or of nan. */
static void proofgrad_argmax(
    const double *x, size_t outer, size_t n, size_t inner, double *places)
{
    for (size_t i = 0; i < outer * inner; ++i) {
        const size_t first = i / inner * n * inner + i % inner;
        size_t best = 0;
        for (size_t k = 1; k < n; ++k) {
            const double largest = x[first + best * inner];
            if (largest == largest && !(x[first + k * inner] <= largest)) {
                best = k;
            }
        }
        places[i] = (double)best;
    }
}
""",
    "proofgrad_searchsorted": """\
/* How many of n sorted numbers come before each x; those that equal it, too, on the right. */
static void proofgrad_searchsorted(
    const double *x, const double *sorted, size_t count, size_t n, int right, double *places)
{
    for (size_t i = 0; i < count; ++i) {
        size_t low = 0, high = n;
        while (low < high) {
            const size_t middle = low + (high - low) / 2;
            const int before = right ? !proofgrad_before(x[i], sorted[middle])
                                     : proofgrad_before(sorted[middle], x[i]);
            low = before ? middle + 1 : low;
            high = before ? high : middle;
        }
        places[i] = (double)low;
    }
}
""",
}
