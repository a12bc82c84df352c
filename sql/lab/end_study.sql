create or replace function lab.end_study(
    p_study  lab.studies,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_outcome lab.outcomes;
begin
    if exists (select from lab.outcomes as o where o.study_id = (p_study).study_id) then
        return;
    end if;
    insert into lab.results (study_id, step_no, is_ok, measures)
    select s.study_id, s.step_no, lab.is_step_ok(s.step_part, s.scenario, m.measures), m.measures
      from lab.steps as s
     cross join lateral lab.measure_backtest(s.backtest_id) as m (measures)
     where s.study_id = (p_study).study_id;
    insert into lab.outcomes (study_id, is_passed, measures, ended_at)
    select (p_study).study_id, j.is_passed, j.measures, p_now_at
      from lab.judge_study(p_study) as j
    returning * into v_outcome;
    perform audit.append_desk_event(
        'LAB', 'STUDY_ENDED', to_jsonb(v_outcome) - 'ended_at', p_now_at);
end;
$function$;

comment on function lab.end_study(lab.studies, timestamptz) is
$$Measures every step of a study and judges it, once.$$;
