create or replace function lab.find_step(
    p_study_id uuid
)
returns lab.steps
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.*
      from lab.steps as s
      join lab.backtests as b using (backtest_id)
     where s.study_id = p_study_id and b.backtest_status = 'CREATED'
     order by s.step_no
     limit 1;
$function$;

comment on function lab.find_step(uuid) is
$$The first step of a study whose backtest has not been run.$$;
