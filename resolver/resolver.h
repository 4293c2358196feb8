// All of the resolver that a caller needs. A caller implements MetadataSource
// and fills in a Request; then
//
//   Resolve    the canonical answer, or that there is none
//   Explain    why there is none, as facts; Sentences says them in words
//   FindFixes  what would help
//   Check      whether an assignment is a solution, without any search
//
// Each call is independent of all others: the same input gives the same bytes,
// on any thread.

#ifndef RESOLVER_RESOLVER_H_
#define RESOLVER_RESOLVER_H_

#include "resolver/answer.h"           // IWYU pragma: export
#include "resolver/check.h"            // IWYU pragma: export
#include "resolver/explain.h"          // IWYU pragma: export
#include "resolver/fact.h"             // IWYU pragma: export
#include "resolver/fixes.h"            // IWYU pragma: export
#include "resolver/metadata_source.h"  // IWYU pragma: export
#include "resolver/rank_set.h"         // IWYU pragma: export
#include "resolver/relations.h"        // IWYU pragma: export
#include "resolver/relaxations.h"      // IWYU pragma: export
#include "resolver/request.h"          // IWYU pragma: export
#include "resolver/resolve.h"          // IWYU pragma: export
#include "resolver/sentences.h"        // IWYU pragma: export

#endif  // RESOLVER_RESOLVER_H_
