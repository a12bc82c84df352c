create or replace function lab.list_ranking(
    p_candidates jsonb
)
returns table (
    rank_no   bigint,
    candidate jsonb
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    with recursive c as (
        select e.value as candidate, e.value ->> 'name' as name,
               nullif((e.value ->> 'score')::numeric, 'NaN') as score,
               nullif((e.value ->> 'max_drawdown')::numeric, 'NaN') as drawdown,
               nullif((e.value ->> 'stress_cagr')::numeric, 'NaN') as stress,
               nullif((e.value ->> 'walk_forward_positive')::numeric, 'NaN') as stability,
               nullif((e.value ->> 'negative_folds')::numeric, 'NaN') as negative,
               nullif((e.value ->> 'worst_five_days')::numeric, 'NaN') as worst
          from jsonb_array_elements(p_candidates) as e (value)
    ), leaders (score) as (
        select max(c.score) from c
         union all
        select (select max(c.score) from c where c.score < l.score - 5) from leaders as l
         where l.score is not null
    )
    select row_number() over (
               order by l.score desc nulls last, c.drawdown nulls last, c.stress desc nulls last,
                        c.stability desc nulls last, c.negative nulls last, c.worst desc nulls last,
                        c.name collate "C"), c.candidate
      from c
      left join leaders as l on c.score between l.score - 5 and l.score
     order by 1;
$function$;

comment on function lab.list_ranking(jsonb) is
$$Candidates, the best first. Those within 5 points of the best score are equals, then those within 5 points
of the best of the others, and so on. Among equals: lower drawdown, higher growth under stress, stability,
fewer negative folds, milder worst five days, then the name. What is not a number loses.$$;
