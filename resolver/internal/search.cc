#include "resolver/internal/search.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"

#include "resolver/internal/named_choice.h"
#include "resolver/internal/proof.h"
#include "third_party/absl/status_macros.h"

namespace orrery::resolver::internal {

Search::Search(const Request& request, MetadataSource& source,
               const FactKeys* only)
    : request_(request),
      encoding_(request, source, &propagation_,
                only == nullptr ? LeafFilter()
                                : [this, only](const Leaf& leaf) {
                                    return only->contains(
                                        FactKey(leaf, encoding_.nodes()));
                                  }),
      agenda_(request, encoding_, propagation_),
      removed_(kRemovedLimit, &propagation_),
      changed_(kChangedLimit, &propagation_),
      resolution_(&propagation_, [this](Position position) {
        return propagation_.trail().entry(position).reason == kRemovedLimit
                   ? removed_.ReasonOf(position)
                   : changed_.ReasonOf(position);
      }),
      hard_mode_(encoding_.nodes(), propagation_) {}

absl::Status Search::Begin() {
  ORRERY_RETURN_IF_ERROR(encoding_.Begin());
  violated_ = encoding_.TakeViolated();
  AddLimits();
  return absl::OkStatus();
}

void Search::AddLimits() {
  const Nodes& nodes = encoding_.nodes();
  for (const InstalledNode& installed : request_.installed) {
    const NodeIndex node = nodes.KnownIndexOf(installed.node);
    const NodeState& state = nodes.state(node);
    const RankSet runs = {{installed.rank, installed.rank}};
    Watched watched;
    watched.node = node;
    watched.installed = &installed;
    for (const Place place : state.places) {
      if (!nodes.IsFor(place, installed.rank)) continue;
      const Window window = nodes.window(place);
      const Row absent = RowOfValue(window.absent, window.width());
      removed_.AddItem({place, propagation_.sets().Intern(absent)});
      if (state.updated || state.named) break;
      watched.item = changed_.items();
      const Row other =
          Difference(nodes.RowOutside(place, runs), absent.data());
      changed_.AddItem({place, propagation_.sets().Intern(other)});
    }
    watched_.push_back(std::move(watched));
  }
  removed_.Close();
  changed_.Close();
}

void Search::WatchNewFeatures() {
  if (watched_features_ == encoding_.nodes().feature_places()) return;
  watched_features_ = encoding_.nodes().feature_places();
  for (Watched& watched : watched_) {
    const NodeState& state = encoding_.nodes().state(watched.node);
    for (; watched.features < state.features.size(); ++watched.features) {
      const FeaturePlaces& feature = state.features[watched.features];
      const auto& on = watched.installed->features;
      if (!watched.item.has_value() || feature.names.size() > 1 ||
          std::find(on.begin(), on.end(), feature.names[0]) != on.end()) {
        continue;
      }
      for (const Place place : feature.places) {
        const Row any = encoding_.nodes().RowAt(place, state.all());
        changed_.AddWay(*watched.item,
                        {place, propagation_.sets().Intern(any)});
      }
    }
  }
}

absl::StatusOr<Search::Outcome> Search::Run(Agenda::Order order,
                                            bool least_change,
                                            uint64_t most_conflicts) {
  const uint64_t conflicts_before = conflicts_;
  BackjumpTo(0);
  if (violated_ == kNoNogood) violated_ = propagation_.Recheck();
  agenda_.Restart(order, least_change ? std::vector<Place>{removed_.place(),
                                                           changed_.place()}
                                      : std::vector<Place>{});
  hard_mode_.Reset();
  while (true) {
    if (violated_ == kNoNogood) {
      ORRERY_ASSIGN_OR_RETURN(violated_, PropagateAndLoad());
    }
    if (violated_ != kNoNogood) {
      ++conflicts_;
      if (!Learn(&violated_)) return Outcome::kNoModel;
    }
    if (steps() > request_.max_steps) return Outcome::kOutOfBudget;
    if (is_out_of_time_) return Outcome::kOutOfTime;
    if (conflicts_ - conflicts_before > most_conflicts) {
      return Outcome::kTooHard;
    }
    if (violated_ != kNoNogood) continue;
    if (!propagation_.IsSettled()) continue;
    if (hard_mode_.TakeRestart()) {
      BeginAnew();
      continue;
    }
    const std::optional<Decision> decision = Decide();
    if (!decision.has_value()) {
      if (!hard_mode_.is_on()) return Outcome::kModel;
      found_ = Model();
      hard_mode_.Stop();
      BeginAnew();
      continue;
    }
    ++decisions_;
    agenda_.OpenLevel();
    propagation_.Decide(decision->place, decision->value);
  }
}

bool Search::IsOutOfTime() {
  constexpr uint64_t kTurns = 64;
  if (request_.is_out_of_time != nullptr && turns_++ % kTurns == 0) {
    is_out_of_time_ = request_.is_out_of_time();
  }
  return is_out_of_time_;
}

void Search::BeginAnew() {
  BackjumpTo(0);
  violated_ = propagation_.Recheck();
}

std::optional<Decision> Search::Decide() {
  if (hard_mode_.is_on()) {
    const std::optional<Decision> decision = hard_mode_.Next();
    if (decision.has_value()) return decision;
  }
  return agenda_.Next();
}

absl::StatusOr<NogoodId> Search::PropagateAndLoad() {
  while (!IsOutOfTime()) {
    NogoodId violated = propagation_.Propagate();
    if (violated != kNoNogood) return violated;
    ORRERY_ASSIGN_OR_RETURN(const bool has_loaded, Extend());
    violated = encoding_.TakeViolated();
    if (violated == kNoNogood && has_loaded) continue;
    if (violated == kNoNogood) violated = ApplyLimits();
    if (violated != kNoNogood || propagation_.IsSettled()) return violated;
  }
  return kNoNogood;
}

NogoodId Search::ApplyLimits() {
  const NogoodId violated = removed_.Apply();
  return violated == kNoNogood ? changed_.Apply() : violated;
}

absl::StatusOr<bool> Search::Extend() {
  const Trail& trail = propagation_.trail();
  const Nodes& nodes = encoding_.nodes();
  bool has_extended = false;
  for (const Position end = trail.end(); load_next_ < end;) {
    const Place place = trail.entry(load_next_++).place;
    if (!IsRelease(place) || !trail.IsPresent(place)) continue;
    if (nodes.state(nodes.use(place).node).relations == nullptr) {
      to_load_.push({ReleasesAt(place), to_load_count_++, place});
      continue;
    }
    ORRERY_RETURN_IF_ERROR(encoding_.Extend(place, LookAhead()));
    WatchNewFeatures();
    has_extended = true;
    if (encoding_.is_violated()) return true;
  }
  if (has_extended && !propagation_.IsSettled()) return true;
  return LoadOne();
}

absl::StatusOr<bool> Search::LoadOne() {
  while (!to_load_.empty()) {
    const Place place = to_load_.top().place;
    to_load_.pop();
    if (!NeedsLoad(place)) continue;
    ORRERY_RETURN_IF_ERROR(Load(encoding_.nodes().use(place).node));
    return true;
  }
  return false;
}

absl::Status Search::Load(NodeIndex node) {
  ORRERY_RETURN_IF_ERROR(encoding_.Load(node));
  const NodeState& state = encoding_.nodes().state(node);
  // There may be more features when these are extended.
  absl::InlinedVector<Place, 1> places = state.places;
  for (const FeaturePlaces& feature : state.features) {
    places.insert(places.end(), feature.places.begin(), feature.places.end());
  }
  for (const Place place : places) {
    if (place == kNoPlace || !propagation_.trail().IsPresent(place)) continue;
    ORRERY_RETURN_IF_ERROR(encoding_.Extend(place, LookAhead()));
  }
  WatchNewFeatures();
  return absl::OkStatus();
}

bool Search::IsRelease(Place place) const {
  const PlaceUse use = encoding_.nodes().use(place);
  return use.node != PlaceUse::kNoNode &&
         !encoding_.nodes().state(use.node).is_fact;
}

bool Search::NeedsLoad(Place place) const {
  const PlaceUse use = encoding_.nodes().use(place);
  return encoding_.nodes().state(use.node).relations == nullptr &&
         propagation_.trail().IsPresent(place);
}

size_t Search::ReleasesAt(Place place) const {
  return encoding_.nodes()
      .state(encoding_.nodes().use(place).node)
      .candidates.size();
}

bool Search::Learn(NogoodId* violated) {
  Lesson lesson = resolution_.Learn(*violated);
  hard_mode_.AddConflict(resolution_.places(), agenda_.fixed().size());
  if (lesson.terms.empty()) {
    proof_ = std::move(lesson.parents);
    return false;
  }
  BackjumpTo(lesson.level);
  propagation_.AddLearned(lesson.terms, lesson.parents);
  propagation_.ForgetSome();
  *violated = propagation_.Recheck();
  return true;
}

void Search::BackjumpTo(uint32_t level) {
  hard_mode_.Remember(level);
  propagation_.BackjumpTo(level);
  agenda_.BackjumpTo(level);
  const Position end = propagation_.trail().end();
  removed_.BackjumpTo(end);
  changed_.BackjumpTo(end);
  load_next_ = std::min(load_next_, end);
}

std::vector<KeyedFact> Search::Facts() const {
  return FactsOf(LeavesOf(proof_, propagation_), encoding_.nodes());
}

void Search::LimitChange(const Answer& answer) {
  BackjumpTo(0);
  const std::pair<Place, uint32_t> limits[] = {
      {removed_.place(), answer.removed}, {changed_.place(), answer.changed}};
  for (const auto& [place, most] : limits) {
    Row more = RowUpTo(propagation_.trail().absent(place));
    Row up_to = RowUpTo(most);
    up_to.resize(more.size(), 0);
    more = Difference(std::move(more), up_to.data());
    const NogoodId violated = propagation_.AddGiven(
        {{place, propagation_.sets().Intern(more)}}, kNoLeaf);
    if (violated_ == kNoNogood) violated_ = violated;
  }
}

Answer Search::Model() const {
  Answer answer;
  answer.status = Status::kSolved;
  const Nodes& nodes = encoding_.nodes();
  absl::flat_hash_map<std::pair<NodeIndex, Rank>, std::vector<std::string>>
      features;
  // Of instances with names of their own.
  std::deque<std::string> texts;
  std::vector<NamedChoice> chosen;
  for (const auto& [place, value] : agenda_.fixed()) {
    const PlaceUse use = nodes.use(place);
    if (use.node == PlaceUse::kNoNode) continue;
    const NodeState& state = nodes.state(use.node);
    if (value == propagation_.trail().absent(place) || state.is_fact) continue;
    const Rank rank = use.first + value;
    if (use.features < 0) {
      absl::string_view text = nodes.NameOf(use.node);
      if (!state.node.instance.empty()) {
        text = texts.emplace_back(nodes.TextOf(use.node));
      }
      chosen.emplace_back(text, rank, use.node);
    } else {
      features[{use.node, rank}].push_back(
          state.features[use.features].names[0]);
    }
  }
  std::sort(chosen.begin(), chosen.end());
  answer.chosen.reserve(chosen.size());
  for (const NamedChoice& choice : chosen) {
    ChosenRelease release{nodes.state(choice.index).node, choice.rank};
    const auto on = features.find({choice.index, choice.rank});
    if (on != features.end()) {
      release.features = std::move(on->second);
      std::sort(release.features.begin(), release.features.end());
    }
    answer.chosen.push_back(std::move(release));
  }
  answer.removed = removed_.happened();
  answer.changed = changed_.happened();
  answer.statistics = statistics();
  return answer;
}

Statistics Search::statistics() const {
  return {steps(), decisions_, conflicts_, encoding_.loaded()};
}

uint64_t Search::steps() const {
  return decisions_ + propagation_.shrinkings() + resolution_.steps();
}

}  // namespace orrery::resolver::internal
