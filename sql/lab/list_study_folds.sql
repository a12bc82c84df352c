create or replace function lab.list_study_folds(
    p_study lab.studies
)
returns table (
    fold_no    integer,
    step_part  text,
    segment    integer,
    first_tick integer,
    last_tick  integer
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select f.*
      from lab.backtests as b
      join lab.datasets as d using (dataset_id)
      join run.configs as c using (config_hash)
     cross join lateral lab.list_folds(
           (p_study).study_kind, d.ticks, ((p_study).terms ->> 'folds')::integer,
           (c.config #>> '{strategy,window_bars}')::integer,
           coalesce(((p_study).terms ->> 'embargo')::integer, 0)) as f
     where b.backtest_id = (p_study).backtest_id
     order by f.fold_no, f.step_part desc, f.segment;
$function$;

comment on function lab.list_study_folds(lab.studies) is
$$The parts of a study's folds; its strategy's window is what a test needs to warm up.$$;
