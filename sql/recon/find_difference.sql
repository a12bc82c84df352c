create or replace function recon.find_difference(
    p_comparison recon.comparisons
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with kept as (
        select array_agg(d) as drifts from recon.drifts as d
         where d.run_id = p_comparison.run_id and d.snapshot_seq = p_comparison.snapshot_seq
    ), again as (
        select array_agg(d) as drifts
          from recon.evaluate_drifts(
               p_comparison.run_id, p_comparison.snapshot_seq, p_comparison.books,
               p_comparison.compared_at) as d
    )
    select case
        when not exists (
            select from recon.snapshots as s
             where s.run_id = p_comparison.run_id and s.snapshot_seq = p_comparison.snapshot_seq
               and s.document_sha256 = p_comparison.document_sha256)
            then 'the snapshot is not the one that was compared'
        when recon.hash_drifts(k.drifts) <> p_comparison.drifts_sha256
            then 'the differences that were kept are not those that were judged'
        when recon.hash_drifts(a.drifts) <> p_comparison.drifts_sha256
            then 'snapshot and books give other differences'
        when (c.order_drifts, c.position_drifts, c.cash_drifts, c.other_drifts, c.warning_drifts,
              c.unsettled_drifts, c.info_drifts)
             <> (p_comparison.order_drifts, p_comparison.position_drifts,
                 p_comparison.cash_drifts, p_comparison.other_drifts,
                 p_comparison.warning_drifts, p_comparison.unsettled_drifts,
                 p_comparison.info_drifts) then 'the counts are not those of its differences'
        else recon.find_books_defect(p_comparison.run_id, p_comparison.books) end
      from kept as k
     cross join again as a
     cross join lateral recon.count_drifts(a.drifts) as c;
$function$;

comment on function recon.find_difference(recon.comparisons) is
$$Computes a comparison again from what was stored; gives where it comes out otherwise, or null.
Why: a verdict that nobody can recompute is only a claim.$$;
