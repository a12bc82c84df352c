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
       and o.order_status = 'REJECTED' and o.cum_qty = 0;
$function$;

comment on function oms.count_refused_flattens(risk.flattens, text) is
$$Closing orders of a flatten that the broker refused in a symbol.$$;
