create or replace function ops.list_halt_holds(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    step     integer,
    gate     text,
    is_open  boolean,
    since    timestamptz,
    reason   text,
    measured text,
    evidence text,
    clear    text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select 12, 'orders of a halt', false, o.created_at,
           'the broker refused three times to end ' || o.client_order_id,
           format('%s %s shares are open', o.leaves_qty, o.symbol), 'oms.orders ' || o.order_id,
           format('end it at the broker, or mqk orders cancel %s --reason "..."', o.client_order_id)
      from oms.orders as o
     where o.run_id = p_run_id and oms.is_unfinished(o) and o.created_at <= p_now_at
       and oms.count_halt_refusals(p_run_id, o.order_id) >= 3;
$function$;

comment on function ops.list_halt_holds(uuid, timestamptz) is
$$Orders that work on in a halted run because the broker would not end them: a person must.$$;
