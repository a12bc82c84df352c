create or replace function lab.list_folds(
    p_study_kind  text,
    p_ticks       integer,
    p_folds       integer,
    p_warm_bars   integer,
    p_embargo     integer
)
returns table (
    fold_no    integer,
    step_part  text,
    segment    integer,
    first_tick integer,
    last_tick  integer
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    with tests as (
        select i as fold_no, s.size * (i - 1 + w.lead) + 1 as first_tick,
               case when i = p_folds then p_ticks else s.size * (i + w.lead) end as last_tick
          from generate_series(1, p_folds) as i
         cross join (select (p_study_kind = 'WALK_FORWARD')::integer as lead) as w
         cross join lateral (select p_ticks / (p_folds + w.lead) as size) as s
    ), parts as (
        select t.fold_no, 'TEST', 1, greatest(t.first_tick - p_warm_bars, 1), t.last_tick
          from tests as t
         union all
        select t.fold_no, 'TRAIN', 1, 1, t.first_tick - 1 - case p_study_kind
                   when 'WALK_FORWARD' then 0 else p_warm_bars end
          from tests as t
         union all
        select t.fold_no, 'TRAIN', 2, t.last_tick + 1 + p_embargo, p_ticks
          from tests as t
         where p_study_kind = 'CROSS_VALIDATION'
    )
    select p.* from parts as p (fold_no, step_part, segment, first_tick, last_tick)
     where p.last_tick - p.first_tick > p_warm_bars
     order by 1, 2 desc, 3;
$function$;

comment on function lab.list_folds(text, integer, integer, integer, integer) is
$$The parts of a study with folds, in ticks. WALK_FORWARD: of one block more than folds, all that was
before a block trains for it. CROSS_VALIDATION: each block is tested by what was trained before
and after it; what the test needs to warm up is purged from the training before it, p_embargo ticks from the
one after. A test begins p_warm_bars before its block, to know its past; a part that
is shorter is left out.$$;
