#include "proxy/net/services.hpp"

#include <utility>

namespace proxy {

worker::worker(unsigned number_, upstream_settings settings, task_set::failure_handler on_failure)
    : number{number_},
      tasks{context.get_executor(), std::move(on_failure)},
      origin_and_peers{context.get_executor(), std::move(settings)}
{
}

}  // namespace proxy
