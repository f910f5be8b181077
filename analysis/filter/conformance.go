package filter

// Class is a conformance class of CQL2 that this package reads and checks.
type Class struct {
	// Name is the last part of the class's URI.
	Name string
	// Database says that this package reads and checks the class, and that
	// evaluating it takes geometry and so Env.Relate or a database.
	Database bool
}

// URI is the class's identifier in /conformance.
func (c Class) URI() string { return "http://www.opengis.net/spec/cql2/1.0/conf/" + c.Name }

// Classes are the conformance classes of 21-065r2 that hold here. A server
// declares those whose queries it runs. Left out are array-functions and
// functions.
func Classes() []Class {
	return []Class{
		{Name: "cql2-text"},
		{Name: "cql2-json"},
		{Name: "basic-cql2"},
		{Name: "advanced-comparison-operators"},
		{Name: "case-insensitive-comparison"},
		{Name: "accent-insensitive-comparison"},
		{Name: "basic-spatial-functions", Database: true},
		{Name: "basic-spatial-functions-plus", Database: true},
		{Name: "spatial-functions", Database: true},
		{Name: "temporal-functions"},
		{Name: "property-property"},
		{Name: "arithmetic"},
	}
}
