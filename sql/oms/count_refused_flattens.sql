create or replace function oms.count_refused_flattens(
    p_flatten risk.flattens,
    p_symbol  text
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select count(*)
      from oms.intents as i
      join oms.orders as o using (run_id, intent_id)
     where i.run_id = p_flatten.run_id and i.symbol = p_symbol and i.leg = 'FLATTEN'
       and i.created_at >= p_flatten.asked_at
       and o.order_status in ('REJECTED', 'CANCELED', 'EXPIRED') and o.cum_qty = 0
       and exists (select from oms.outbox as b
                     join oms.attempts as a using (run_id, outbox_id)
                    where b.run_id = o.run_id and b.order_id = o.order_id
                      and b.request_kind = 'SUBMIT');
$function$;

comment on function oms.count_refused_flattens(risk.flattens, text) is
$$Closing orders of a flatten in a symbol that were sent and ended with nothing filled.
Why: a broker that takes an order and ends it refuses as well as one that says no; a loop has an end.$$;
