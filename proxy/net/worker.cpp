#include "proxy/net/services.hpp"

#include <utility>

namespace proxy {

worker::worker(unsigned which, upstream_settings settings, task_set::failure_handler on_failure)
    : number{which},
      tasks{context.get_executor(), std::move(on_failure)},
      origin_and_peers{context.get_executor(), std::move(settings)}
{
}

}  // namespace proxy
