create or replace function oms.get_other_exposure(
    p_run_id uuid,
    p_symbol text,
    p_marks  jsonb
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(sum(
               abs(ledger.get_position_qty(p_run_id, u.symbol) + oms.get_open_qty(p_run_id, u.symbol))
               * (p_marks ->> u.symbol)::bigint), 0)::bigint
      from run.universe as u
     where u.run_id = p_run_id
       and u.symbol <> p_symbol;
$function$;

comment on function oms.get_other_exposure(uuid, text, jsonb) is
$$Gross exposure in micros of all other symbols of a run, open orders counted as if filled.
Why: every unfinished order uses up the limit at once.$$;
