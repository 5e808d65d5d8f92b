"""How comparisons refuse."""

from __future__ import annotations

from shared.refusal import Refusal


class BadPeriod(Refusal):
    """The period is not written as periods are, or not as this dataset's are."""

    status = 422
    code = "bad_period"
    zh = "数据期格式不正确"


class PeriodNotBegun(Refusal):
    """The period has not begun yet: nobody can know what will be in it."""

    status = 422
    code = "period_not_begun"
    zh = "数据期尚未开始，请核对年份和月份"


class NotYourDataset(Refusal):
    """The dataset is another department's: an administrator names the departments of your system."""

    status = 403
    code = "not_your_dataset"
    zh = "该数据集由其他部门报送；如应由贵单位报送，请管理员在接入方登记所属部门"


class NotOfOneCounty(Refusal):
    """A batch is about the people of one county: sent by somebody whose area is a county or lies within one."""

    status = 403
    code = "not_of_one_county"
    zh = "请以单一县域身份报送"


class NotFinished(Refusal):
    """The batch is still being compared, or its pages are not closed."""

    code = "comparison_not_finished"
    zh = "该批次仍在比对中，请稍后再试；分页报送的，请确认已提交完毕"


class BatchFailed(Refusal):
    """The batch came to nothing, and no row of it counts: correct what the reason says, and send it again."""

    code = "comparison_failed"
    zh = "该批次比对失败，数据均未生效，请按原因改正后重新报送"


class RowsGone(Refusal):
    """These rows were kept for their time, and are deleted: what they say, your file checked again (validate) tells."""

    status = 410
    code = "comparison_rows_gone"
    zh = "该明细已按保存期限删除，仅保留统计数；退回原因可用原文件重新校验（mode=validate）查看"


class NoRows(Refusal):
    """The batch has a header and no rows: where there is nobody to tell of in its period, say so (``nobody=true``)."""

    status = 422
    code = "comparison_without_rows"
    zh = "只有表头，没有数据行；如本期确无数据，请以零报告报送（nobody=true）"


class RowsOfNobody(Refusal):
    """The batch was said to tell of nobody, and has rows."""

    status = 422
    code = "comparison_of_nobody_with_rows"
    zh = "以零报告报送的文件含有数据行，请核对后重新报送"


class WithdrawnAlready(Refusal):
    """The batch was withdrawn already."""

    code = "comparison_withdrawn"
    zh = "该批次已撤回"


class CorrectedAlready(Refusal):
    """A later batch has taken its place: withdraw that one."""

    code = "comparison_superseded"
    zh = "该批次已被更正批次替代，请撤回更正批次"


class OnlyValidated(Refusal):
    """The batch was sent to be checked only; nothing of it is kept."""

    code = "comparison_only_validated"
    zh = "该批次仅为校验，未保留结果"


class RefusedRowsAlone(Refusal):
    """These are the refused rows alone, and a batch takes the place of the whole period: send your file whole."""

    code = "refused_rows_alone"
    zh = "该文件只含退回行，单独报送会替代本期已生效的全部数据；请在原文件中改正后整批报送"


class NotOpen(Refusal):
    """The batch takes no pages: it was sent as a file, or is closed already."""

    code = "comparison_not_open"
    zh = "该批次不再接收分页数据：以文件报送，或已提交完毕"


class PageDiffers(Refusal):
    """Another page came under that number: where it was wrong, open a new batch."""

    code = "comparison_page_differs"
    zh = "该页号已收到内容不同的数据；如原页有误，请重新开始一个批次"


class PagesMissing(Refusal):
    """Pages are missing, or there are more than were said."""

    code = "comparison_pages_missing"
    zh = "分页数据与页数不符"


class PlaceNotTold(Refusal):
    """Where somebody is registered is told to those who may read the registry: a department learns the outcome."""

    status = 403
    code = "place_not_told"
    zh = "登记所在地仅对可查阅登记信息的人员开放，报送部门不能按行政区划筛选结果"


class NotProbable(Refusal):
    """Nothing is to be decided about the row."""

    code = "comparison_not_probable"
    zh = "该行不是待确认的疑似结果"
