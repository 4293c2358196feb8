#include "catalog/resolution/solve.h"

#include <vector>

#include "absl/status/statusor.h"

#include "catalog/resolution/answer_reader.h"
#include "catalog/resolution/locked_answer.h"
#include "catalog/resolution/request_item.h"
#include "resolver/resolve.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using resolver::Answer;

absl::StatusOr<Answer> AnswerTo(const ResolveQuery& query,
                                PreparedQuery& prepared,
                                std::vector<AnswerNote>* notes) {
  if (query.lock.has_value() && query.locked) {
    return LockedAnswer(query, *query.lock, prepared);
  }
  if (query.lock.has_value()) {
    ORRERY_RETURN_IF_ERROR(PreferLocked(*query.lock, prepared, notes));
  }
  return resolver::Resolve(prepared.request, *prepared.metadata);
}

std::vector<std::string> AskedTexts(const ResolveQuery& query) {
  std::vector<std::string> texts;
  for (const RequestItem& item : query.items) texts.push_back(item.Text());
  if (!query.items.empty()) return texts;
  for (const auto* names : {&query.remove, &query.update}) {
    for (const NodeName& name : *names) {
      texts.push_back(NodeText(name.package, name.instance));
    }
  }
  return texts;
}

}  // namespace

absl::Status Solve(const ResolveQuery& query, PreparedQuery& prepared,
                   Resolution* out) {
  ORRERY_ASSIGN_OR_RETURN(const Answer answer,
                          AnswerTo(query, prepared, &out->notes));
  out->status = answer.status;
  out->unfinished = answer.unfinished;
  out->limit = answer.limit;
  out->cluster = query.cluster;
  out->statistics = answer.statistics;
  out->verb = query.verb;
  out->hold = prepared.hold;
  out->items = AskedTexts(query);
  if (answer.status != resolver::Status::kSolved) return absl::OkStatus();
  return ReadAnswer(answer, prepared, out);
}

}  // namespace orrery::catalog
