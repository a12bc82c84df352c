create or replace function lab.compute_max_drawdown(
    p_returns numeric[]
)
returns numeric
language plpgsql
immutable
strict
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_wealth numeric := 1;
    v_peak   numeric := 1;
    v_worst  numeric := 0;
    v_return numeric;
begin
    foreach v_return in array p_returns loop
        v_wealth := round(v_wealth * (1 + coalesce(v_return, 0)), 30);
        v_peak := greatest(v_peak, v_wealth);
        v_worst := least(v_worst, v_wealth / v_peak - 1);
    end loop;
    return v_worst;
end;
$function$;

comment on function lab.compute_max_drawdown(numeric[]) is
$$Deepest fall from a peak of the compounded series that starts at 1; zero or negative,
null without a series.$$;
