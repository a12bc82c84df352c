create or replace function lab.add_step(
    p_study        lab.studies,
    p_fold_no      integer,
    p_step_part    text,
    p_scenario     text,
    p_choice_no    integer,
    p_stretch      lab.stretch,
    p_latency_bars integer,
    p_now_at       timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into lab.steps (
        study_id, step_no, fold_no, step_part, scenario, choice_no, backtest_id)
    select (p_study).study_id,
           (select count(*) + 1 from lab.steps as s where s.study_id = (p_study).study_id),
           p_fold_no, p_step_part, p_scenario, p_choice_no, o.backtest_id
      from lab.backtests as b
      join run.configs as c using (config_hash)
     cross join lateral lab.open_backtest(
           lab.derive_dataset(b.dataset_id, p_stretch, p_now_at),
           lab.build_config(c.config, p_scenario, case p_choice_no when 0 then b.parameters
               else (p_study).terms -> 'choices' -> (p_choice_no - 1) end),
           b.code_sha256, p_latency_bars, p_now_at) as o
     where b.backtest_id = (p_study).backtest_id;
$function$;

comment on function lab.add_step(
    lab.studies, integer, text, text, integer, lab.stretch, integer, timestamptz) is
$$Adds a step to a study: opens the backtest of a stretch of its dataset with the costs of a scenario and
one of its choices of parameters, and with the code that the study's backtest has.$$;
