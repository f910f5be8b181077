package filter

// Limits bounds what a filter may cost, so that a stranger may send one. Zero
// fields take the default.
type Limits struct {
	Bytes    int // of the source
	Depth    int // of the tree, and of parentheses in the source
	Nodes    int // of the tree
	Vertices int // of all geometry literals together
}

// DefaultLimits are the limits where nothing else is said.
func DefaultLimits() Limits {
	return Limits{Bytes: 128 << 10, Depth: 64, Nodes: 2000, Vertices: 10_000}
}

func (l Limits) orDefault() Limits {
	d := DefaultLimits()
	pick := func(given, standard int) int {
		if given > 0 {
			return given
		}
		return standard
	}
	return Limits{pick(l.Bytes, d.Bytes), pick(l.Depth, d.Depth), pick(l.Nodes, d.Nodes), pick(l.Vertices, d.Vertices)}
}

// meter counts what a filter costs while it is read.
type meter struct {
	limits          Limits
	nodes, vertices int
}

// measure finds a tree that is too deep; the other limits are kept while
// reading.
func (m *meter) measure(e Expr, fs *faults) {
	var deep func(e Expr, depth int) bool
	deep = func(e Expr, depth int) bool {
		if depth > m.limits.Depth {
			fs.add("too_deep", e.Place(), m.limits.Depth)
			return true
		}
		for _, c := range Children(e) {
			if deep(c, depth+1) {
				return true
			}
		}
		return false
	}
	deep(e, 1)
}
