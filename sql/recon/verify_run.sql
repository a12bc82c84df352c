create or replace function recon.verify_run(
    p_run_id uuid
)
returns table (
    comparisons  bigint,
    snapshot_seq bigint,
    problem      text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select (select count(*) from recon.comparisons as c where c.run_id = p_run_id),
           d.snapshot_seq, d.problem
      from (select) as one
      left join lateral (
           select c.snapshot_seq, f.problem
             from recon.comparisons as c
            cross join lateral recon.find_difference(c) as f (problem)
            where c.run_id = p_run_id and f.problem is not null
            order by c.snapshot_seq
            limit 1) as d on true;
$function$;

comment on function recon.verify_run(uuid) is
$$Computes every comparison of a run again; one row: how many there are, and the first one that comes
out otherwise, with where; both null when all agree.$$;
