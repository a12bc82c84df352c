create or replace function oms.get_terms(
    p_target strat.targets
)
returns risk.order_terms
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select row(
        (p_target).limit_price_micros, (p_target).stop_price_micros, exists (
            select from strat.assignments as a
             where a.run_id = (p_target).run_id and a.stop_bps > 0))::risk.order_terms;
$function$;

comment on function oms.get_terms(strat.targets) is
$$What risk must know of the order that a target asks for: its prices, and whether the strategy asks for a
protective stop.$$;
