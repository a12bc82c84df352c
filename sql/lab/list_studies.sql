create or replace function lab.list_studies(
    p_backtest_id uuid
)
returns table (
    study_id   uuid,
    study_kind text,
    terms      jsonb,
    is_passed  boolean,
    measures   jsonb,
    steps      jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.study_id, s.study_kind, s.terms, o.is_passed, o.measures, (
               select jsonb_agg(jsonb_build_object(
                          'fold_no', t.fold_no, 'step_part', t.step_part, 'scenario', t.scenario,
                          'choice_no', t.choice_no, 'backtest_id', t.backtest_id, 'is_ok', r.is_ok,
                          'measures', r.measures) order by t.step_no)
                 from lab.steps as t left join lab.results as r using (study_id, step_no)
                where t.study_id = s.study_id)
      from lab.studies as s
      left join lab.outcomes as o using (study_id)
     where s.backtest_id = p_backtest_id
     order by s.begun_at desc, s.study_id;
$function$;

comment on function lab.list_studies(uuid) is
$$The studies of a backtest, newest first, with their steps and outcomes; null while they last.$$;
