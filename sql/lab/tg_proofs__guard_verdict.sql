create or replace function lab.tg_proofs__guard_verdict()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        new.verdict <> 'CLEAN' or not exists (
            select from lab.trials as t
             where t.backtest_id = new.backtest_id and t.difference is not null),
        'MQI82', new.backtest_id::text);
    return new;
end;
$function$;

comment on function lab.tg_proofs__guard_verdict() is
$$Refuses a clean verdict on a backtest of which a trial showed a difference.
Raises: MQI82.$$;
