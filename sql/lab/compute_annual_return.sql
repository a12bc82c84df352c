create or replace function lab.compute_annual_return(
    p_returns numeric[],
    p_periods numeric
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
    v_return numeric;
begin
    foreach v_return in array p_returns loop
        v_wealth := round(v_wealth * (1 + coalesce(v_return, 0)), 30);
    end loop;
    return case when v_wealth > 0 and cardinality(p_returns) > 0
                then power(v_wealth, p_periods / cardinality(p_returns)) - 1 end;
end;
$function$;

comment on function lab.compute_annual_return(numeric[], numeric) is
$$Compound return a year of a series with p_periods returns a year; a null return is skipped but its
period counts. Null when nothing is left or there is no series, or an empty one.$$;
