#include "server/api/http_api.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "server/http/content_coding.h"
#include "server/http/problem.h"

namespace orrery::server {
namespace {

constexpr size_t kMaxRequestIdLength = 64;
// From here on sendfile is cheaper than the copy it avoids.
constexpr size_t kMinFileBytes = size_t{16} << 10;

// Others' ids go into logs and headers.
bool IsHarmlessId(absl::string_view id) {
  return !id.empty() && id.size() <= kMaxRequestIdLength &&
         std::all_of(id.begin(), id.end(), [](char letter) {
           return absl::ascii_isalnum(letter) ||
                  absl::StrContains("-_.", letter);
         });
}

// Answers without reading the body. What is decided here never waits.
Admission Refuse(Problem problem) {
  Admission admission;
  admission.read_body = false;
  admission.handle = [problem =
                          std::move(problem)](const HttpRequest& request) {
    return FinishResponse(request, ProblemResponse(problem, request));
  };
  return admission;
}

// Requests can name any method; labels need a bound.
absl::string_view MethodLabel(absl::string_view method) {
  for (const absl::string_view known :
       {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}) {
    if (method == known) return known;
  }
  return "other";
}

Problem NoSuchRoute(const RoutingTable& table, const HttpRequest& request) {
  const std::string nearest = table.NearestPath(request.path);
  Problem problem = HttpProblem(
      404, "NO_SUCH_ROUTE",
      absl::StrCat("there is nothing at '", request.path, "'",
                   nearest.empty()
                       ? ", see /openapi.json"
                       : absl::StrCat(", did you mean '", nearest, "'?")));
  if (!nearest.empty()) problem.metadata["did_you_mean"] = nearest;
  return problem;
}

Admission RefuseMethod(const HttpRequest& request, std::string allow) {
  Admission admission = Refuse(
      HttpProblem(405, "METHOD_NOT_ALLOWED",
                  absl::StrCat("'", request.method,
                               "' is not for this path, but ", allow, " are")));
  admission.handle = [inner = std::move(admission.handle),
                      allow = std::move(allow)](const HttpRequest& refused) {
    HttpResponse response = inner(refused);
    response.fields.Set("Allow", allow);
    return response;
  };
  return admission;
}

bool IsRepresentation(const HttpRequest& request,
                      const HttpResponse& response) {
  return (request.method == "GET" || request.method == "HEAD") &&
         response.status == 200 && response.body != nullptr &&
         response.fields.Get("Cache-Control") != "no-store";
}

ContentCoding WantedCoding(const HttpRequest& request) {
  return ChooseCoding(request.fields.Get("Accept-Encoding"));
}

Representation RepresentationOf(const HttpRequest& request,
                                const HttpResponse& response) {
  return Represent(response.fields.Get("Content-Type"),
                   response.fields.Get("Cache-Control"), response.body,
                   WantedCoding(request));
}

std::string HotKey(const HttpRequest& request) {
  return absl::StrCat(CodingName(WantedCoding(request)), " ", request.path, "?",
                      request.query);
}

std::string PackageIn(const PathTemplate::Variables& variables) {
  const auto found =
      std::find_if(variables.begin(), variables.end(),
                   [](const auto& named) { return named.first == "package"; });
  return found == variables.end() ? "" : found->second;
}

void AddCommonFields(const HttpRequest& request, HttpResponse* response) {
  static const HttpFields* const kCommon = [] {
    auto* fields = new HttpFields;
    fields->Add("X-Content-Type-Options", "nosniff");
    fields->Add("Cross-Origin-Resource-Policy", "same-origin");
    return fields;
  }();
  response->fields.Add("X-Request-Id", request.request_id);
  response->fields.AddAll(*kCommon);
}

HttpResponse RepresentedResponse(const HttpRequest& request,
                                 const Representation& representation) {
  HttpResponse response = RepresentationResponse(request, representation);
  AddCommonFields(request, &response);
  return response;
}

HttpResponse ProbeAnswer(int status, absl::string_view text) {
  HttpResponse response = HttpResponse::Text(
      status, "text/plain; charset=utf-8", absl::StrCat(text, "\n"));
  response.fields.Add("Cache-Control", "no-store");
  return response;
}

}  // namespace

HttpApi::HttpApi(const RoutingTable* table, const BrowserGuard* guard,
                 const Log* log, Metrics* metrics, Options options)
    : table_(table),
      guard_(guard),
      log_(log),
      metrics_(metrics),
      hot_(std::move(options.epoch_of), options.max_hot_bytes),
      bodies_(options.body_directory),
      run_id_(absl::StrFormat("%08x", std::random_device()())) {
  for (const Route& route : table->routes()) {
    metrics->DeclareRoute(route.verb, route.path.text());
  }
}

Admission HttpApi::Admit(HttpRequest& request) {
  const absl::string_view given = request.fields.Get("X-Request-Id");
  request.request_id =
      IsHarmlessId(given) ? std::string(given) : MakeRequestId();

  std::optional<Problem> refusal = guard_->CheckSender(request);
  if (refusal.has_value()) return Refuse(*std::move(refusal));
  if (std::optional<Admission> hot = AdmitHot(request)) return *std::move(hot);
  RoutingTable::Lookup found = table_->Find(request.method, request.path);
  if (found.route == nullptr) {
    return found.allow.empty() ? Refuse(NoSuchRoute(*table_, request))
                               : RefuseMethod(request, std::move(found.allow));
  }
  refusal = guard_->CheckBodyType(request, found.route->body_type);
  if (refusal.has_value()) return Refuse(*std::move(refusal));
  const DecidedBy decided_by = found.route->decided_by;
  std::string package =
      decided_by == DecidedBy::kPackage ? PackageIn(found.variables) : "";
  Admission admission = found.route->admit(request, std::move(found.variables));
  admission.route = found.route->path.text();
  if (decided_by != DecidedBy::kMore) {
    return Heat(request, std::move(package), std::move(admission));
  }
  admission.handle =
      [inner = std::move(admission.handle)](const HttpRequest& complete) {
        return FinishResponse(complete, inner(complete));
      };
  return admission;
}

std::optional<Admission> HttpApi::AdmitHot(const HttpRequest& request) {
  if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
  auto kept = hot_.Find(HotKey(request));
  if (kept == nullptr) return std::nullopt;
  Admission admission;
  admission.route = kept->route;
  admission.handle = [kept = std::move(kept)](const HttpRequest& complete) {
    return RepresentedResponse(complete, kept->representation);
  };
  return admission;
}

Admission HttpApi::Heat(const HttpRequest& request, std::string package,
                        Admission admission) {
  admission.handle =
      [this, key = HotKey(request), package = std::move(package),
       route = admission.route,
       inner = std::move(admission.handle)](const HttpRequest& complete) {
        HttpResponse response;
        const auto kept = hot_.FindOrMake(key, package, [&] {
          response = inner(complete);
          return IsRepresentation(complete, response)
                     ? Keep(RepresentationOf(complete, response), route)
                     : nullptr;
        });
        return kept == nullptr
                   ? FinishResponse(complete, std::move(response))
                   : RepresentedResponse(complete, kept->representation);
      };
  return admission;
}

std::shared_ptr<const HttpApi::HotAnswer> HttpApi::Keep(
    Representation representation, absl::string_view route) {
  if (representation.size() >= kMinFileBytes) {
    representation.file = bodies_.Store(*representation.body);
    if (representation.file.has_value()) representation.body = nullptr;
  }
  return std::make_shared<const HotAnswer>(
      HotAnswer{std::move(representation), route});
}

HttpResponse HttpApi::Reject(int status, absl::string_view detail,
                             HttpRequest& request) {
  if (request.request_id.empty()) request.request_id = MakeRequestId();
  const std::string reason = absl::StrJoin(
      absl::StrSplit(absl::AsciiStrToUpper(ReasonPhrase(status)), ' '), "_");
  HttpResponse response =
      ProblemResponse(HttpProblem(status, reason, detail), request);
  if (status == 503) response.fields.Add("Retry-After", "1");
  return FinishResponse(request, std::move(response));
}

void HttpApi::Finished(const HttpRequest& request,
                       const ExchangeRecord& record) {
  metrics_->ObserveRequest(MethodLabel(request.method), record.route,
                           record.status, record.duration);
  log_->InfoLater("http", "request",
                  {{"method", request.method},
                   {"route", record.route},
                   {"status", int64_t{record.status}},
                   {"ms", absl::ToDoubleMilliseconds(record.duration)},
                   {"bytes", static_cast<int64_t>(record.bytes)},
                   {"request_id", request.request_id}});
}

std::string HttpApi::MakeRequestId() {
  return absl::StrCat(run_id_, "-", next_request_++);
}

HttpResponse FinishResponse(const HttpRequest& request, HttpResponse response) {
  if (IsRepresentation(request, response)) {
    return RepresentedResponse(request, RepresentationOf(request, response));
  }
  AddCommonFields(request, &response);
  return response;
}

void AddProbeRoutes(const Readiness* readiness, Metrics* metrics,
                    RoutingTable* table) {
  table->AddPlain("GET", "/healthz", "Whether the process lives.",
                  [](const HttpRequest&) { return ProbeAnswer(200, "ok"); });
  table->AddPlain("GET", "/readyz",
                  "Whether it takes traffic: 503 before and while draining.",
                  [readiness](const HttpRequest&) {
                    switch (readiness->state()) {
                      case Readiness::State::kReady:
                        return ProbeAnswer(200, "ok");
                      case Readiness::State::kStarting:
                        return ProbeAnswer(503, "starting");
                      case Readiness::State::kDraining:
                        return ProbeAnswer(503, "draining");
                    }
                    return ProbeAnswer(503, "unknown");
                  });
  table->AddPlain(
      "GET", "/metrics", "Measurements, for Prometheus.",
      [metrics](const HttpRequest&) {
        HttpResponse response = HttpResponse::Text(
            200, "text/plain; version=0.0.4; charset=utf-8", metrics->Text());
        response.fields.Add("Cache-Control", "no-store");
        return response;
      },
      Lane::kRead);
}

}  // namespace orrery::server
