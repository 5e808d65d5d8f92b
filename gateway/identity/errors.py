"""How the gateway refuses clients."""

from __future__ import annotations

from collections.abc import Mapping

from shared.refusal import Refusal


class BadClient(Refusal):
    """The client id or its secret is wrong."""

    status = 401
    code = "invalid_client"
    zh = "客户端标识或密钥错误"
    headers: Mapping[str, str] = {"WWW-Authenticate": 'Basic realm="fangfan"'}


class UnsupportedGrant(Refusal):
    """Only grant_type=client_credentials is served here."""

    status = 400
    code = "unsupported_grant_type"
    zh = "仅支持 grant_type=client_credentials"


class ClientExists(Refusal):
    """A client with this id is registered."""

    status = 409
    code = "client_exists"
    zh = "该客户端标识已存在"


class NoDepartment(Refusal):
    """The client is no department's system."""

    code = "no_department"
    zh = "该接入方不是行业部门"
