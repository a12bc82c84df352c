create or replace function sim.list_events(
    p_account_id text,
    p_after_no   bigint,
    p_limit      integer
)
returns table (
    event_no bigint,
    message  jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select e.event_no,
           jsonb_strip_nulls(jsonb_build_object(
               'message_id', format('paper:%s:%s', e.account_id, e.event_no),
               'event', e.event_kind,
               'broker_order_id', e.broker_order_id,
               'client_order_id', e.client_order_id,
               'execution_id', e.execution_id,
               'qty', e.event_qty::text,
               'price', core.format_micros(e.price_micros),
               'fee', core.format_micros(e.fee_micros),
               'cum_qty', e.cum_qty::text,
               'order_qty', abs(e.order_qty)::text,
               'position_qty', e.position_qty::text,
               'reason', e.reason,
               'at', core.format_iso(e.occurred_at)))
      from sim.events as e
     where e.account_id = p_account_id
       and e.event_no > p_after_no
     order by e.event_no
     limit least(greatest(p_limit, 1), 500);
$function$;

comment on function sim.list_events(text, bigint, integer) is
$$What the paper broker told its client after event p_after_no, oldest first, at most 500.
Why: a client that lost its place asks again and gets the same messages.$$;
