create or replace function oms.cancel_flatten(
    p_run_id uuid,
    p_reason text,
    p_now_at timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select oms.cancel_order(o, p_reason, p_now_at)
      from oms.orders as o
      join oms.outbox as s
        on s.run_id = o.run_id and s.order_id = o.order_id and s.request_kind = 'SUBMIT'
     where o.run_id = p_run_id and s.lane = 'REDUCING' and oms.is_unfinished(o)
     order by o.client_order_id collate "C";
$function$;

comment on function oms.cancel_flatten(uuid, text, timestamptz) is
$$Asks for the end of the orders that flatten a run: its halt is about to be cleared.
Why: an order that was planned to close everything must not outlive the halt that called for it.$$;
