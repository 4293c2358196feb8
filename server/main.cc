// orreryd: builds the real parts and connects them.

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "catalog/api/catalog_service.h"
#include "catalog/api/operation_service.h"
#include "catalog/api/resolution_service.h"
#include "catalog/install.h"
#include "catalog/operation/operation_runner.h"
#include "catalog/orchestrator/clusters.h"
#include "catalog/orchestrator/local/local_orchestrator.h"
#include "catalog/orchestrator/task/control_group.h"
#include "catalog/planning/planner.h"
#include "catalog/planning/trust_gate.h"
#include "catalog/resolution/package_resolver.h"
#include "catalog/services.h"
#include "catalog/store/catalog_store.h"
#include "catalog/uninstall.h"
#include "catalog/upgrade.h"
#include "registry/api/artifact_service.h"
#include "registry/api/package_service.h"
#include "registry/api/proto_conversion.h"
#include "registry/api/source_service.h"
#include "registry/log/registry_log.h"
#include "registry/log/trust_files.h"
#include "registry/registry.h"
#include "registry/store/artifact_store.h"
#include "registry/store/sqlite_state_store.h"
#include "server/api/artifact_handler.h"
#include "server/api/catalog_routes.h"
#include "server/api/hot_package_service.h"
#include "server/api/http_api.h"
#include "server/api/log_handler.h"
#include "server/api/openapi.h"
#include "server/api/registry_routes.h"
#include "server/api/routing_table.h"
#include "server/grpc_server.h"
#include "server/http/browser_guard.h"
#include "server/http/http_server.h"
#include "server/process/build_info.h"
#include "server/process/data_dir.h"
#include "server/process/flags.h"
#include "server/process/log.h"
#include "server/process/metrics.h"
#include "server/process/readiness.h"
#include "server/process/shutdown_signal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::server {
namespace {

constexpr int kExitFailure = 1;
constexpr int kExitConflict = 4;
constexpr int kExitUsage = 64;

constexpr uint64_t kMaxBodyBytes = uint64_t{8} << 20;
constexpr uint64_t kMaxArtifactBytes = uint64_t{4} << 30;
constexpr absl::Duration kHttpDrain = absl::Seconds(10);
constexpr absl::Duration kGrpcDrain = absl::Seconds(5);
constexpr rlim_t kWantedDescriptors = 65536;
constexpr rlim_t kOwnDescriptors = 1024;

// State, artifacts and sources, with the services over them.
struct RegistryPart {
  // `metrics` must outlive the part.
  static absl::StatusOr<std::unique_ptr<RegistryPart>> Open(
      const std::string& data_dir, const Flags& flags, Metrics* metrics);

  std::unique_ptr<registry::SqliteStateStore> state;
  std::unique_ptr<registry::ArtifactStore> artifacts;
  std::unique_ptr<registry::Registry> registry;
  std::unique_ptr<registry::PackageService> package_service;
  std::unique_ptr<registry::SourceService> source_service;
  std::unique_ptr<registry::ArtifactService> artifact_service;
};

std::string HostName() {
  char name[256] = {};
  return gethostname(name, sizeof(name) - 1) == 0 ? name : "localhost";
}

absl::StatusOr<std::unique_ptr<RegistryPart>> RegistryPart::Open(
    const std::string& data_dir, const Flags& flags, Metrics* metrics) {
  auto part = std::make_unique<RegistryPart>();
  ORRERY_ASSIGN_OR_RETURN(
      part->state,
      registry::SqliteStateStore::Open(absl::StrCat(data_dir, "/state.db")));
  ORRERY_ASSIGN_OR_RETURN(
      part->artifacts,
      registry::ArtifactStore::Open(absl::StrCat(data_dir, "/artifacts")));
  registry::Registry::Options options;
  options.data_dir = data_dir;
  options.allow_local_sources = flags.allow_local_sources;
  options.poll_interval = flags.poll_interval;
  options.stall_limit = flags.stall_limit;
  options.log_origin = flags.log_origin;
  options.host = HostName();
  options.checkpoint_witness = flags.checkpoint_witness;
  options.read_only = flags.read_only;
  options.observer = [metrics](absl::string_view source,
                               absl::Duration duration, bool ok) {
    metrics->ObserveSync(source, duration, ok, absl::Now());
  };
  ORRERY_ASSIGN_OR_RETURN(part->registry,
                          registry::Registry::Open(options, part->state.get()));
  part->package_service =
      std::make_unique<registry::PackageService>(part->registry.get());
  part->source_service =
      std::make_unique<registry::SourceService>(part->registry.get());
  part->artifact_service =
      std::make_unique<registry::ArtifactService>(part->artifacts.get());
  return part;
}

// Clusters, operations and services, with the services over them.
struct CatalogPart {
  CatalogPart(RegistryPart* registry_part, const std::string& data_dir)
      : gate(&registry_part->registry->log(),
             {.data_dir = data_dir,
              .version = kVersion,
              .now = absl::Now,
              .unread_sources =
                  [registry = registry_part->registry.get()] {
                    return registry->UnreadSources();
                  }}),
        store(registry_part->state.get()),
        runner(&store, &clusters, absl::Now,
               [this] { return gate.Admission(); }),
        resolver(
            [this](absl::string_view cluster) {
              return store.ListRunning(cluster);
            },
            &clusters,
            [registry = registry_part->registry.get()] {
              return registry->snapshot();
            },
            [this] { return gate.Admission(); }),
        planner(
            &store, &clusters, &runner, &resolver,
            [registry = registry_part->registry.get()] {
              return registry->snapshot();
            },
            absl::Now, &gate),
        installer(&planner),
        services(
            &store, &clusters, &runner, [this] { return gate.Admission(); },
            [registry = registry_part->registry.get()] {
              return registry->snapshot();
            }),
        upgrader(&planner, &services),
        uninstaller(&planner, &services),
        catalog_service(&installer, &upgrader, &uninstaller, &services,
                        &clusters),
        operation_service(&store, &runner),
        resolution_service(&resolver) {}

  catalog::TrustGate gate;
  catalog::CatalogStore store;
  catalog::Clusters clusters;
  catalog::OperationRunner runner;
  catalog::PackageResolver resolver;
  catalog::Planner planner;
  catalog::Installer installer;
  catalog::Services services;
  catalog::Upgrader upgrader;
  catalog::Uninstaller uninstaller;
  catalog::CatalogService catalog_service;
  catalog::OperationService operation_service;
  catalog::ResolutionService resolution_service;
};

// The shim lies beside orreryd where both are installed, else where the build
// puts it.
absl::StatusOr<std::string> FindShim() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto directory = self.parent_path();
  for (const char* place :
       {"orrery-shim", "../catalog/orchestrator/shim/orrery-shim"}) {
    const auto path = (directory / place).lexically_normal();
    if (access(path.c_str(), X_OK) == 0) return path.string();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("orrery-shim is not in ", directory.string(),
                   ", where orreryd is; both belong to one installation"));
}

absl::Status AddLocalCluster(const std::string& data_dir,
                             RegistryPart* registry_part,
                             catalog::Clusters* clusters) {
  catalog::LocalConfig config;
  config.version = kVersion;
  config.state_dir = absl::StrCat(data_dir, "/local");
  ORRERY_ASSIGN_OR_RETURN(config.shim_path, FindShim());
  // Without one limits are not enforced, and every status says so.
  config.cgroup = catalog::FindControlGroups().value_or("");
  ORRERY_ASSIGN_OR_RETURN(
      auto local,
      catalog::LocalOrchestrator::Open(config, registry_part->artifacts.get()));
  clusters->Add("local", std::move(local));
  return absl::OkStatus();
}

Metrics::Sampled Sample(const RegistryPart& registry_part,
                        const CatalogPart& catalog_part) {
  Metrics::Sampled sampled;
  sampled.packages = registry_part.registry->snapshot()->visible_packages();
  const auto operations = catalog_part.store.ListOperations();
  if (!operations.ok()) return sampled;
  for (const catalog::Operation& operation : *operations) {
    switch (operation.state) {
      case catalog::OperationState::kRunning:
        ++sampled.operations["running"];
        break;
      case catalog::OperationState::kSucceeded:
        ++sampled.operations["succeeded"];
        break;
      case catalog::OperationState::kFailed:
        ++sampled.operations["failed"];
        break;
    }
  }
  return sampled;
}

Notifications NotificationsOf(registry::Registry* registry) {
  return {.begin =
              [registry](const std::string& source,
                         registry::WebhookFields fields) {
                return registry->BeginNotification(source, std::move(fields));
              },
          .end = [registry](const std::string& source,
                            registry::WebhookDelivery delivery)
              -> absl::StatusOr<registry::v1::SourceOperation> {
            ORRERY_ASSIGN_OR_RETURN(
                const int64_t look,
                registry->EndNotification(source, std::move(delivery)));
            return registry::OperationToProto(source, look);
          }};
}

// For the trust files: the registry's address as this machine sees it.
std::string LoopbackUrl(const ListenAddress& address) {
  ListenAddress local = address;
  if (!IsLoopback(local)) local.host = "127.0.0.1";
  return absl::StrCat("http://", FormatListenAddress(local));
}

void AddRoutes(const Readiness* readiness, const std::string& data_dir,
               Metrics* metrics, RegistryPart* registry_part,
               CatalogPart* catalog_part, RoutingTable* table) {
  AddProbeRoutes(readiness, metrics, table);
  AddRegistryRoutes(registry_part->package_service.get(),
                    registry_part->source_service.get(),
                    registry_part->artifact_service.get(),
                    NotificationsOf(registry_part->registry.get()), table);
  AddArtifactRoutes(registry_part->artifacts.get(), kMaxArtifactBytes, table);
  AddLogRoutes(&registry_part->registry->log(), data_dir, table);
  AddCatalogRoutes(&catalog_part->catalog_service,
                   &catalog_part->operation_service,
                   &catalog_part->resolution_service,
                   {.open_logs =
                        [service = &catalog_part->catalog_service](
                            const catalog::v1::StreamLogsRequest& request) {
                          return service->OpenLogs(request);
                        },
                    .open_watch =
                        [service = &catalog_part->operation_service](
                            const catalog::v1::WatchOperationRequest& request) {
                          return service->OpenWatch(request);
                        }},
                   table);
  AddOpenApiRoute(kVersion, table);
}

std::vector<NamedService> GrpcServices(HotPackageService* package_service,
                                       RegistryPart* registry_part,
                                       CatalogPart* catalog_part) {
  return {{registry::v1::PackageService::service_full_name(), package_service},
          {registry::v1::SourceService::service_full_name(),
           registry_part->source_service.get()},
          {registry::v1::ArtifactService::service_full_name(),
           registry_part->artifact_service.get()},
          {catalog::v1::CatalogService::service_full_name(),
           &catalog_part->catalog_service},
          {catalog::v1::OperationService::service_full_name(),
           &catalog_part->operation_service},
          {catalog::v1::ResolutionService::service_full_name(),
           &catalog_part->resolution_service}};
}

BrowserGuard MakeGuard(const Flags& flags) {
  BrowserGuard::Options options;
  options.allowed_hosts = flags.allowed_hosts;
  // Nobody can rebind an address. An unspecified one is no host, though
  // browsers take it for one.
  if (!IsUnspecified(flags.http_listen)) {
    options.allowed_hosts.push_back(flags.http_listen.host);
  }
  options.allowed_origins = flags.allowed_origins;
  return BrowserGuard(std::move(options));
}

// What is left belongs to the store, to children and to gRPC.
int MaxConnections() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t most = std::min(limit.rlim_cur, kWantedDescriptors);
  return static_cast<int>(most - std::min(most / 2, kOwnDescriptors));
}

// 10,000 idle connections must not be the end.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur =
      std::max(limit.rlim_cur, std::min(limit.rlim_max, kWantedDescriptors));
  setrlimit(RLIMIT_NOFILE, &limit);
}

absl::Status Serve(const Flags& flags, const DataDir& data_dir,
                   const Log& log) {
  Metrics metrics(kVersion, kCommit);
  ORRERY_ASSIGN_OR_RETURN(const std::unique_ptr<RegistryPart> registry_part,
                          RegistryPart::Open(data_dir.path(), flags, &metrics));
  CatalogPart catalog_part(registry_part.get(), data_dir.path());
  ORRERY_RETURN_IF_ERROR(AddLocalCluster(data_dir.path(), registry_part.get(),
                                         &catalog_part.clusters));
  // Made once, so that planning has nothing to write.
  ORRERY_RETURN_IF_ERROR(catalog_part.store.OwnerId().status());
  ORRERY_RETURN_IF_ERROR(catalog_part.runner.Recover());

  if (!registry_part->registry->notice().empty()) {
    log.Warn("registry", registry_part->registry->notice());
  }
  metrics.SetSampler([&] { return Sample(*registry_part, catalog_part); });
  Readiness readiness;
  RoutingTable table(kMaxBodyBytes);
  AddRoutes(&readiness, data_dir.path(), &metrics, registry_part.get(),
            &catalog_part, &table);
  const BrowserGuard guard = MakeGuard(flags);
  const auto epoch_of =
      [registry = registry_part->registry.get()](absl::string_view package) {
        return registry->EpochOf(package);
      };
  HttpApi api(&table, &guard, &log, &metrics,
              {.epoch_of = epoch_of, .body_directory = data_dir.path()});
  HotPackageService hot_package_service(registry_part->package_service.get(),
                                        {.epoch_of = epoch_of});
  HttpServerOptions http_options;
  http_options.address = flags.http_listen;
  http_options.max_connections = MaxConnections();
  ORRERY_ASSIGN_OR_RETURN(const std::unique_ptr<HttpServer> http,
                          HttpServer::Start(http_options, &api));
  ORRERY_ASSIGN_OR_RETURN(
      const std::unique_ptr<GrpcServer> grpc,
      GrpcServer::Start(
          {.address = flags.grpc_listen,
           .services = GrpcServices(&hot_package_service, registry_part.get(),
                                    &catalog_part)},
          &metrics));

  registry::RegistryLog& registry_log = registry_part->registry->log();
  if (!registry_log.writable().ok()) {
    log.Warn("log", std::string(registry_log.writable().message()));
  }
  ORRERY_RETURN_IF_ERROR(registry::WriteTrustFiles(
      data_dir.path(), registry_log.keys(), LoopbackUrl(http->address())));
  registry_part->registry->Start();
  catalog_part.runner.Start();
  grpc->SetServing(true);
  readiness.Set(Readiness::State::kReady);
  const std::string http_address = FormatListenAddress(http->address());
  const std::string grpc_address = FormatListenAddress(grpc->address());
  // A full disk keeps nobody from asking who knows the address.
  const absl::Status published =
      data_dir.PublishAddresses(http_address, grpc_address);
  if (!published.ok()) {
    log.Warn("main", "addresses are not published",
             {{"error", std::string(published.message())}});
  }
  log.Info("main", "ready",
           {{"version", std::string(kVersion)},
            {"http", http_address},
            {"grpc", grpc_address},
            {"data_dir", data_dir.path()}});

  const int signal = WaitForShutdown();
  log.Info("main", "draining", {{"signal", int64_t{signal}}});
  readiness.Set(Readiness::State::kDraining);
  grpc->SetServing(false);
  // Ends the requests that wait for a sync.
  registry_part->registry->Stop();
  http->Drain(kHttpDrain);
  grpc->Drain(kGrpcDrain);
  catalog_part.runner.Stop();
  log.Info("main", "stopped");
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadConfig(const std::string& path) {
  std::ifstream file(path);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.is_open() && !file.bad()) return text;
  return absl::InvalidArgumentError(
      absl::StrCat("cannot read ", path, ": ", strerror(errno)));
}

LogFormat DefaultLogFormat() {
  return isatty(STDERR_FILENO) != 0 ? LogFormat::kText : LogFormat::kJson;
}

int Fail(const absl::Status& status, int exit_code) {
  std::cerr << "orreryd: " << std::string(status.message()) << std::endl;
  return exit_code;
}

int Main(const std::vector<std::string>& arguments) {
  const auto flags = ParseFlags(
      arguments, {.environment = [](const char* name) -> const char* {
                    return std::getenv(name);
                  },
                  .read_file = ReadConfig});
  if (!flags.ok()) return Fail(flags.status(), kExitUsage);
  if (flags->help) {
    std::cout << FlagsHelp();
    return 0;
  }
  if (flags->version) {
    std::cout << "orreryd " << kVersion << " (" << kCommit << ")\n";
    return 0;
  }
  CatchShutdownSignals();
  RaiseDescriptorLimit();
  const auto data_dir = DataDir::Open(flags->data_dir);
  if (!data_dir.ok()) {
    return Fail(data_dir.status(), absl::IsAborted(data_dir.status())
                                       ? kExitConflict
                                       : kExitFailure);
  }
  const Log log({.format = flags->log_format.value_or(DefaultLogFormat()),
                 .with_priority = std::getenv("JOURNAL_STREAM") != nullptr});
  const absl::Status served = Serve(*flags, **data_dir, log);
  return served.ok() ? 0 : Fail(served, kExitFailure);
}

}  // namespace
}  // namespace orrery::server

int main(int argc, char** argv) {
  return orrery::server::Main({argv + 1, argv + argc});
}
