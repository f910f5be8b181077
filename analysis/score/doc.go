// Package score weighs what firms yield on their land and sorts them into
// classes (亩均论英雄): an exact sum of weighted points, ranks, and classes by
// shares of the firms of a zone. It owns that arithmetic and what is merged for
// it; whose weights, benchmarks and shares they are is the caller's affair.
//
// A firm is the holder of a plot with the tenants on it, whose figures are
// merged with the holder's. A firm's money counts once a year; where it has land
// elsewhere it is shared out by land. What is unknown of a firm makes its points
// unknown, and leaves the classes open of those that it may stand before.
//
// The package never knows packs, verdicts or files.
package score
