create or replace function lab.list_scenarios()
returns table (
    scenario_no  integer,
    scenario     text,
    change_kind  text,
    latency_bars integer,
    must_profit  boolean
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    values (1, 'SLIPPAGE_X2', 'SLICE', 0, true), (2, 'FEES_X2', 'SLICE', 0, true),
           (3, 'LATENCY_HIGH', 'SLICE', 1, true), (4, 'PARTIAL_FILLS', 'SLICE', 0, true),
           (5, 'GAPS', 'GAPS', 0, false), (6, 'BEAR', 'BEAR', 0, false), (7, 'WILD', 'WILD', 0, false);
$function$;

comment on function lab.list_scenarios() is
$$The stress battery: dearer, slower and thinner trading, in which a profit must remain; and other markets,
in which no drawdown beyond a quarter may come.$$;
