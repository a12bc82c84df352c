create or replace function oms.tell_refused_cancel(
    p_row    oms.outbox,
    p_reason text,
    p_now_at timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select audit.append_event(
               o.run_id, 'OMS', 'CANCEL_GIVEN_UP',
               jsonb_build_object('client_order_id', o.client_order_id, 'symbol', o.symbol,
                                  'open_qty', o.leaves_qty, 'reason', p_reason), p_now_at)
      from oms.orders as o
     where o.run_id = p_row.run_id and o.order_id = p_row.order_id and p_row.request_kind = 'CANCEL'
       and oms.is_unfinished(o)
       and oms.count_halt_refusals(o.run_id, o.order_id) = 3;
$function$;

comment on function oms.tell_refused_cancel(oms.outbox, text, timestamptz) is
$$Tells the diary, and so a person, that an order of a halted run works on: its cancel was refused for the
third time since the halt and is not asked for again by itself.$$;
