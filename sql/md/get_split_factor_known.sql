create or replace function md.get_split_factor_known(
    p_symbol   text,
    p_after_at timestamptz,
    p_until_at timestamptz,
    p_as_of_at timestamptz,
    out ratio_num numeric,
    out ratio_den numeric
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_split md.corporate_actions;
begin
    ratio_num := 1;
    ratio_den := 1;
    for v_split in
        select a.* from md.list_actions_as_of(p_symbol, p_as_of_at) as a
         where a.action_kind = 'SPLIT'
           and a.effective_at > p_after_at and a.effective_at <= p_until_at
    loop
        ratio_num := ratio_num * v_split.ratio_num;
        ratio_den := ratio_den * v_split.ratio_den;
    end loop;
end;
$function$;

comment on function md.get_split_factor_known(text, timestamptz, timestamptz, timestamptz) is
$$How many shares at p_until_at one share of p_after_at has become: ratio_num / ratio_den, exactly, by the
splits that were known at p_as_of_at. One that takes effect at p_after_at is in that share already.$$;
