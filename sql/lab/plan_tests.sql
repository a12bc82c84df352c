create or replace function lab.plan_tests(
    p_study  lab.studies,
    p_now_at timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select lab.add_step(
               p_study, f.fold_no, 'TEST', 'SEGMENT 1', lab.find_choice(p_study, f.fold_no),
               row('SLICE', f.first_tick, f.last_tick)::lab.stretch, 0, p_now_at)
      from lab.list_study_folds(p_study) as f
     where f.step_part = 'TEST'
       and not exists (select from lab.steps as s
                        where s.study_id = (p_study).study_id and s.fold_no = f.fold_no
                          and s.step_part = 'TEST')
     order by f.fold_no;
$function$;

comment on function lab.plan_tests(lab.studies, timestamptz) is
$$Opens the tests of all folds, each with the parameters that its training chose: asked for when all that
was to be trained has been.$$;
