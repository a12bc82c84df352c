create or replace function lab.count_violations(
    p_backtest_id uuid
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select nullif((select count(*) from lab.proofs as p where p.backtest_id = p_backtest_id), 0)
           - (select count(*) from lab.proofs as p
               where p.backtest_id = p_backtest_id and p.verdict = 'CLEAN')
           + (select count(*) from lab.trials as t
               where t.backtest_id = p_backtest_id and t.difference is not null);
$function$;

comment on function lab.count_violations(uuid) is
$$How many verdicts and trials of a backtest found that it looked ahead, whatever their cuts and seed; null:
nobody proved it.
Why: a proof that found nothing does not unsay one that did.$$;
